// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/raw_generator.hpp>

#include <cstddef>

namespace troupe::detail {

/// A worker's spare generators, each parked at the top of the worker loop (or not yet started).
/// Owned by the worker.
class generator_pool {
 public:
  generator_pool(std::size_t stack_size, raw_generator::entry loop) noexcept
      : stack_size_(stack_size), loop_(loop) {}
  ~generator_pool() {
    while (first_ != nullptr) raw_generator::destroy(pop());
  }
  generator_pool(const generator_pool&) = delete;
  generator_pool& operator=(const generator_pool&) = delete;

  /// Throws std::system_error naming the limit when there is no memory for another stack.
  raw_generator& take() {
    if (first_ != nullptr) return *pop();
    raw_generator* const g = raw_generator::create(stack_size_, loop_, nullptr);
    kind_ = g->stack_kind();
    return *g;
  }

  void give(raw_generator& g) noexcept {
    if (size_ == most_kept || g.stack_kind() != kind_) {  // the latter: an actor's own size
      raw_generator::destroy(&g);
      return;
    }
    g.link = first_;
    first_ = &g;
    ++size_;
  }

 private:
  static constexpr std::size_t most_kept = 256;  // arbitrary: one page each stays in use

  raw_generator* pop() noexcept {
    raw_generator* const g = first_;
    first_ = g->link;
    --size_;
    return g;
  }

  std::size_t stack_size_;
  const void* kind_ = nullptr;  // of the stacks of the generators that this pool makes
  raw_generator::entry loop_;
  raw_generator* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace troupe::detail
