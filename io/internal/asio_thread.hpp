// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <thread>

namespace troupe::io::detail {

/// An io_context and the one thread that runs it: a plain thread, never preempted and no carrier.
/// So none of Asio's locks is ever waited for in a section, and handlers, which may be anybody's
/// code, run in none; see docs/decisions/0007.
class asio_thread {
 public:
  /// Throws std::system_error, which names the limits.
  asio_thread();
  /// Ends the thread; operations that are under way are forgotten, with their handlers.
  ~asio_thread();
  asio_thread(const asio_thread&) = delete;
  asio_thread& operator=(const asio_thread&) = delete;

  asio::io_context& context() noexcept { return context_; }

 private:
  asio::io_context context_{1};  // one thread runs it; any starts operations
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace troupe::io::detail
