// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/asio_thread.hpp>

#include <troupe/base/system_limits.hpp>

#include <csignal>
#include <string>
#include <system_error>

#include <pthread.h>

namespace troupe::io::detail {

asio_thread::asio_thread() {
  try {
    thread_ = std::thread([this]() noexcept {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // signals are for the program's own threads
      context_.run();
    });
  } catch (const std::system_error& e) {
    throw std::system_error(e.code(),
                            "troupe: the thread for Asio's operations could not be started (" +
                                troupe::detail::thread_limits() + ")");
  }
}

asio_thread::~asio_thread() {
  context_.stop();
  thread_.join();
}

}  // namespace troupe::io::detail
