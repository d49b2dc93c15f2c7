// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/executor.hpp>

#include <troupe/base/section.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

namespace troupe::io {
namespace {

/// That of the calling worker, or of any while the task goes on without one: it must not wait for
/// one, as it may hold what the workers wait for. Workers live as long as their scheduler.
detail::reactor& reactor_for(const troupe::detail::task& self) {
  const troupe::detail::section guard;
  troupe::detail::worker* const mine = troupe::detail::this_worker();
  return detail::reactor::of(mine != nullptr ? *mine : self.home.load_relaxed()->next_worker());
}

}  // namespace

asio::io_context::executor_type executor() {
  return reactor_for(troupe::detail::waiting_task()).users_context().get_executor();
}

}  // namespace troupe::io
