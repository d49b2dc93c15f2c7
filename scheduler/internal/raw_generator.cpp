// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/cache_line.hpp>
#include <troupe/scheduler/internal/raw_generator.hpp>
#include <troupe/scheduler/internal/switch.hpp>

#include <cstdint>
#include <new>

namespace troupe::detail {
namespace {

/// Where the generator starts below the top of its stack: 0 to 960 bytes by page number. Stacks lie
/// whole pages apart, so without this the hot lines of all of them would share few cache sets.
std::size_t cache_colour(const void* top) noexcept {
  return (reinterpret_cast<std::uintptr_t>(top) / page_size() % 16) * cache_line;
}

void prefetch_lines(const void* from, std::size_t lines) noexcept {
  const auto* const first = static_cast<const char*>(from);
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(first + i * cache_line, 1);
}

}  // namespace

void raw_generator::prefetch() const noexcept {
  prefetch_lines(this, (sizeof *this + cache_line - 1) / cache_line);
}

void raw_generator::prefetch_stack() const noexcept {
  constexpr std::size_t lines = 12;  // what a wait in a socket comes back through
  prefetch_lines(stack_pointer(), lines);
}

raw_generator* raw_generator::create(std::size_t stack_size, entry run, void* argument,
                                     stack_use use) {
  stack* const memory = acquire_stack(stack_size, use);
  constexpr std::size_t room = (sizeof(raw_generator) + cache_line - 1) / cache_line * cache_line;
  std::byte* const at = memory->top() - cache_colour(memory->top()) - room;
  auto* const self = new (at) raw_generator;
  self->stack_ = memory;
  self->run_ = run;
  self->argument_ = argument;
  self->annotations_.create(memory->base(), memory->size());
  self->prepare(at, static_cast<std::size_t>(at - memory->base()), &switch_steps::start);
  return self;
}

void raw_generator::destroy(raw_generator* self) noexcept {
  stack* const memory = self->stack_;
  self->annotations_.destroy(memory->base(), memory->size(), self->stack_pointer());
  self->~raw_generator();
  release_stack(memory);
}

}  // namespace troupe::detail
