// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <asio/io_context.hpp>

namespace troupe::io {

/// What Asio's I/O objects are made with in a behavior: `asio::steady_timer timer(io::executor())`.
/// It belongs to an io_context of the calling worker's, which a thread of its own runs; the thread
/// is started at the first call. Each worker has its own, so that objects which work together take
/// the executor of one of them, `other.get_executor()`. Objects stay with it when the behavior
/// moves to another worker, and must not outlive the system.
///
/// An exception that leaves a handler given to Asio directly ends the process, as one that leaves a
/// thread does.
/// **Suspends** never. **From** a behavior or a job, outside of no_preempt, else std::logic_error.
/// **Errors** std::system_error, which names the limit, when there can be no more threads or
/// descriptors.
asio::io_context::executor_type executor();

}  // namespace troupe::io
