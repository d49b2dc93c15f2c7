// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/signal.hpp>

#include <troupe/preempt/internal/watch.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

namespace troupe::detail {
namespace {

void on_signal(int, siginfo_t* info, void* context) noexcept {
  const int error = errno;
  carrier* const c = this_carrier();
  if (c != nullptr && c->watch != nullptr) {
    std::optional<std::uint64_t> overruns;
    if (info->si_code == SI_TIMER) overruns = static_cast<std::uint64_t>(info->si_overrun);
    static_cast<watch&>(*c->watch).on_signal(interruption(context), overruns);
  }
  errno = error;
}

}  // namespace

int default_preemption_signal() noexcept { return SIGRTMAX - 3; }

bool is_usable_signal(int signal) noexcept {
  constexpr std::array not_for_this = {SIGKILL, SIGSTOP, SIGCONT, SIGSEGV, SIGBUS,
                                       SIGFPE,  SIGILL,  SIGTRAP, SIGABRT, SIGCHLD};
  if (signal < 1 || signal > SIGRTMAX) return false;
  if (signal >= 32 && signal < SIGRTMIN) return false;  // the C library's own
  return std::find(not_for_this.begin(), not_for_this.end(), signal) == not_for_this.end();
}

void handle_preemption_signal(int signal) {
  static std::mutex installing;
  const std::scoped_lock hold(installing);
  struct sigaction before {};
  if (::sigaction(signal, nullptr, &before) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "troupe: cannot read the handler of signal " + std::to_string(signal));
  }
  const bool has_action = (before.sa_flags & SA_SIGINFO) != 0;
  if (has_action && before.sa_sigaction == &on_signal) return;
  if (has_action || before.sa_handler != SIG_DFL) {
    throw std::logic_error("troupe: preemption_options::signal = " + std::to_string(signal) +
                           " is handled or ignored by the program already; choose another one");
  }
  struct sigaction ours {};
  ours.sa_sigaction = &on_signal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&ours.sa_mask);  // a frozen thread leaves other signals to other threads
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP})
    sigdelset(&ours.sa_mask, fault);
  if (::sigaction(signal, &ours, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "troupe: cannot handle signal " + std::to_string(signal));
  }
}

}  // namespace troupe::detail
