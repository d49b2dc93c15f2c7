// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <system_error>

namespace troupe::io::detail {

/// A socket connected to `to`, or nullptr and an error. Called by the running task.
socket_ptr connect_to(const endpoint& to, troupe::detail::task& self, time_limit& limit,
                      std::error_code& error);

}  // namespace troupe::io::detail
