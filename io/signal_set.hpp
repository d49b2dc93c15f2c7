// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <memory>
#include <vector>

namespace troupe::detail {
class task;
}

namespace troupe::io {

namespace detail {
class signal_watch;
}

/// The message that a signal_set sends: the process has been sent this signal.
struct signal_received {
  int number;
};

/// POSIX signals as messages: while it lives, each signal of these numbers that the process is sent
/// becomes a signal_received to the actor that made it, instead of what it does by default. Signals
/// that come at the same time may become one, as the kernel sees it.
///
///     io::signal_set stop(self, {SIGINT, SIGTERM});
///     self.receive([](io::signal_received) {});
///
/// Several sets, of one actor or many, may have the same number: each is told. Signals need not be
/// blocked: whichever thread the kernel interrupts goes on at once. Must not outlive the system.
class signal_set {
 public:
  /// **Suspends** never. **From** the actor's behavior, outside of no_preempt. **Errors**
  /// std::system_error whose text names the number, for what is no signal, cannot be caught
  /// (SIGKILL) or tells of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT), and when
  /// the number has a handler already that is not a signal_set's, such as that of preemption.
  template <class Context>
  signal_set(const Context& self, const std::vector<int>& numbers)
      : signal_set(static_cast<troupe::detail::task&>(self.block()), numbers) {}

  signal_set(signal_set&&) noexcept;
  signal_set& operator=(signal_set&&) noexcept;
  /// Gives the numbers that no other set has what they had before back: their default, or that they
  /// are ignored. What has been sent already still arrives.
  ~signal_set();

 private:
  signal_set(troupe::detail::task& receiver, const std::vector<int>& numbers);

  std::shared_ptr<detail::signal_watch> watch_;
};

}  // namespace troupe::io
