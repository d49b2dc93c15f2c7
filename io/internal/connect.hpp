// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/socket_ptr.hpp>
#include <troupe/io/endpoint.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <span>
#include <system_error>
#include <vector>

namespace troupe::io::detail {

/// Lets the two families take turns, the first address's first; within one, the order stays. So RFC
/// 8305, section 4, has it.
void take_turns_by_family(std::vector<endpoint>& addresses);

/// A TCP socket connected to whichever of `addresses` answers first (RFC 8305, section 5), or
/// nullptr and the last error. Called by the running task.
socket_ptr connect_to_any(std::span<const endpoint> addresses, troupe::detail::task& self,
                          time_limit& limit, std::error_code& error);

}  // namespace troupe::io::detail
