// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <unistd.h>

#include <examples/common/stop_signals.hpp>

namespace examples {

stop_signals::stop_signals() {
  ::sigemptyset(&set_);
  ::sigaddset(&set_, SIGINT);
  ::sigaddset(&set_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

bool stop_signals::wait() {
  int signal = 0;
  ::sigwait(&set_, &signal);
  return finished_.load(std::memory_order_acquire);  // sees what was done before finish()
}

void stop_signals::finish() {
  finished_.store(true, std::memory_order_release);  // pairs with wait()
  ::kill(::getpid(), SIGTERM);                       // waits, blocked, until wait() takes it
}

}  // namespace examples
