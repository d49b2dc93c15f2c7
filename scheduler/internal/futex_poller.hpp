// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/scheduler/internal/poller.hpp>

namespace troupe::detail {

/// Parks a worker that has no I/O: tests, and programs that only compute.
class futex_poller final : public poller {
 public:
  std::size_t poll(std::size_t) override { return 0; }
  std::size_t wait_until(std::uint64_t deadline_ns, std::size_t budget) override;
  void wake() noexcept override;
  bool has_interest() const noexcept override { return false; }
  bool is_ready() const noexcept override { return false; }

 private:
  atomic<int> woken_{0};  // 1: a wake() has not been consumed yet
};

}  // namespace troupe::detail
