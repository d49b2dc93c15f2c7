// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>
#include <preempt/torture/partner.hpp>
#include <preempt/torture/plan.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::torture {

/// What is known of one toiler. Written by it alone.
struct alignas(128) record {
  std::atomic<std::uint64_t> pieces{0};  ///< of work that it has done
  std::atomic<std::uint64_t> mail{0};    ///< messages that it has taken
  std::atomic<std::size_t> doing{0};     ///< index of the kind at which it is
  std::atomic<const char*> phase{"waits for the start"};
};

/// What all actors of a run share. Its lists are filled before the first toiler starts.
class stage {
 public:
  explicit stage(const plan& p);

  const plan& planned() const noexcept { return plan_; }

  std::vector<any_ref> toilers;
  std::vector<ref_of<partner>> partners;
  std::uint16_t echo_port = 0;

  std::vector<record> records;                   ///< by toiler
  std::vector<std::atomic<std::uint64_t>> done;  ///< pieces of work by kind
  std::atomic<std::uint64_t> left{0};            ///< calls of blocking(): left their worker
  std::atomic<std::uint64_t> parcels_sent{0};
  std::atomic<std::uint64_t> parcels_received{0};
  std::atomic<std::size_t> ended{0};  ///< toilers

  /// Whether toilers are to come to an end.
  bool over() const noexcept { return over_.load(std::memory_order_acquire); }
  void end() noexcept { over_.store(true, std::memory_order_release); }

  /// Says so on stderr and ends the run. Any thread.
  void fail(const std::string& what);
  bool failed() const noexcept { return failures_.load(std::memory_order_acquire) > 0; }

  std::uint64_t pieces() const noexcept;
  /// Moves as long as anything does.
  std::uint64_t movement() const noexcept;

 private:
  plan plan_;
  std::atomic<bool> over_{false};
  std::atomic<int> failures_{0};
};

}  // namespace troupe::torture
