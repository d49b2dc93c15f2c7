// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/time_span.hpp>
#include <troupe/io/endpoint.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::io {

/// The addresses of `host`, each with `port`, in the order in which the system's resolver prefers
/// them; an address resolves to itself. Lookups run on threads of the process's, 16 at most; more
/// names wait their turn. A lookup that nobody waits for any more goes on there, and holds up
/// neither its system's end nor the process's.
/// **Suspends** until it is done, or until `timeout` (errc::timeout), of which zero or less leaves
/// none for a name. **From** a behavior or a job, else std::logic_error. **Errors**
/// std::system_error whose text names the host, std::errc::invalid_argument for one that is empty
/// or has a zero byte, std::errc::resource_unavailable_try_again where not one thread can be
/// started; actor_exit.
std::vector<endpoint> resolve(const std::string& host, std::uint16_t port,
                              time_span timeout = std::chrono::nanoseconds::max());
/// As above; with an error, there are none.
std::vector<endpoint> resolve(const std::string& host, std::uint16_t port, time_span timeout,
                              std::error_code& error);

}  // namespace troupe::io
