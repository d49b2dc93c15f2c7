// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/runtime_thread.hpp>

#include <troupe/base/system_limits.hpp>

#include <csignal>
#include <string>
#include <system_error>
#include <utility>

#include <pthread.h>

namespace troupe::detail {

std::thread start_runtime_thread(const char* name, const char* does, const char* setting,
                                 std::function<void()> run) {
  try {
    return std::thread([name, run = std::move(run)] {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
      ::pthread_setname_np(::pthread_self(), name);
      run();
    });
  } catch (const std::system_error& e) {
    throw std::system_error(e.code(), "troupe: the thread that " + std::string(does) +
                                          " could not be started (" + thread_limits() +
                                          "; setting: " + setting + ")");
  }
}

}  // namespace troupe::detail
