// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/preempt/internal/recruiter.hpp>
#include <troupe/preempt/internal/ticker.hpp>
#include <troupe/preempt/preemption.hpp>
#include <troupe/scheduler/internal/carrier_watch.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <csignal>
#include <cstdint>
#include <memory>

namespace troupe::detail {

/// Preempts by signals.
class signal_preemptor final : public preemptor {
 public:
  /// Throws std::logic_error when the program handles the signal already.
  signal_preemptor(scheduler& home, const preemption_options& options);

  std::unique_ptr<carrier_watch> watch(carrier& c) override;
  void start() override;
  void stop() noexcept override;

  // For watches.
  scheduler& home() noexcept { return home_; }
  recruiter& recruits() noexcept { return recruiter_; }
  ticker& ticks() noexcept { return ticker_; }
  bool freezes() const noexcept { return mode_ == preemption::full; }
  bool wants_kernel_timers() const noexcept { return source_ == signal_source::kernel_timer; }
  int signal() const noexcept { return signal_; }
  std::uint64_t fresh_ns() const noexcept { return fresh_ns_; }
  std::uint64_t batch_ns() const noexcept { return batch_ns_; }
  std::uint64_t period_ns() const noexcept { return fresh_ns_ < batch_ns_ ? fresh_ns_ : batch_ns_; }
  /// The signals that carriers take: those of the thread that made the system.
  const sigset_t& mask() const noexcept { return mask_; }

 private:
  scheduler& home_;
  const preemption mode_;
  const signal_source source_;
  const int signal_;
  const std::uint64_t fresh_ns_;
  const std::uint64_t batch_ns_;
  sigset_t mask_{};
  recruiter recruiter_;
  ticker ticker_;
};

/// What has been counted, and where the carriers are.
preemption_statistics preemption_of(scheduler& home) noexcept;

/// What preempts as the options say; nullptr for preemption::off.
preemptor_factory make_preemptor(const preemption_options& options);

}  // namespace troupe::detail
