// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/executor.hpp>

#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

namespace troupe::io {
namespace {

/// That of the calling worker: workers live as long as their scheduler.
detail::reactor& this_reactor() {
  const troupe::detail::section_across_switch worker;
  return detail::reactor::of(*troupe::detail::this_worker());
}

}  // namespace

asio::io_context::executor_type executor() {
  static_cast<void>(troupe::detail::waiting_task());
  return this_reactor().users_context().get_executor();
}

}  // namespace troupe::io
