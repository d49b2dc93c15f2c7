// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/visit.hpp>

#include <troupe/base/cache_line.hpp>
#include <troupe/base/section.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <thread>

namespace troupe::detail {
namespace {

/// Threads count in different cache lines, so that visits scale.
struct alignas(cache_line) shard {
  atomic<std::uint32_t> visits[2];
};

constexpr std::size_t shard_count = 16;  // arbitrary
constinit shard shards[shard_count];
constinit atomic<std::uint32_t> current_set{0};
constinit std::mutex waiting;

/// Out of line, because a visit may end on another thread than it began on.
[[gnu::noinline]] atomic<std::uint32_t>& counter_of_this_thread() noexcept {
  asm volatile("");
  // Any thread-local address tells threads apart.
  const auto place = reinterpret_cast<std::uintptr_t>(&section_state);
  return shards[place / 4096 % shard_count].visits[current_set.load_seq_cst()];  // [visit]
}

}  // namespace

visit::visit() noexcept : counter_(counter_of_this_thread()) {
  counter_.fetch_add_seq_cst(1);  // [visit]
}

visit::~visit() { counter_.fetch_sub_seq_cst(1); }  // [visit]

void await_visitors() {
  const std::scoped_lock hold(waiting);
  for (int turn = 0; turn < 2; ++turn) {
    const std::uint32_t before = current_set.load_relaxed();  // written under the lock
    current_set.store_seq_cst(1 - before);                    // [visit]
    for (shard& s : shards) {
      while (s.visits[before].load_seq_cst() != 0) {  // [visit]
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    }
  }
}

}  // namespace troupe::detail
