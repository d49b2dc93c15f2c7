// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/envelope_cache.hpp>

#include <troupe/base/section.hpp>

namespace troupe::detail {
namespace {

constinit depot depots[envelope_classes] = {
    {envelope_sizes[0], nullptr, true},
                                              {envelope_sizes[1], nullptr, true},
                                              {envelope_sizes[2], nullptr, true}};

thread_local constinit envelope_cache* current_cache [[gnu::tls_model("initial-exec")]] = nullptr;

/// The magazines of a thread that carries no worker, from its first message to its end.
envelope_cache& foreign_cache() {
  thread_local envelope_cache cache;
  return cache;
}

envelope_cache& this_cache() {
  return current_cache != nullptr ? *current_cache : foreign_cache();
}

}  // namespace

envelope_cache::envelope_cache()
    : classes_{magazine_cache(depots[0]), magazine_cache(depots[1]), magazine_cache(depots[2])} {}

// The three functions below are out of line because they are reached from code that switches
// contexts: no caller may keep the thread-local address.

[[gnu::noinline]] void use_envelope_cache(envelope_cache* cache) noexcept {
  asm volatile("");
  current_cache = cache;
}

[[gnu::noinline]] envelope* acquire_envelope(std::size_t size_class) {
  asm volatile("");
  const section guard;
  auto* const e = ::new (this_cache().of(size_class).take()) envelope;
  e->size_class = static_cast<std::uint8_t>(size_class);
  return e;
}

[[gnu::noinline]] void release_envelope(envelope& e) noexcept {
  asm volatile("");
  const section guard;
  this_cache().of(e.size_class).give(&e);
}

void discard_envelope(envelope& e) noexcept {
  destroy_payload(e);
  release_envelope(e);
}

}  // namespace troupe::detail
