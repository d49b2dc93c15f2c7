// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/endpoint.hpp>
#include <troupe/io/internal/waiting_call.hpp>

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::io::detail {

/// The addresses of `host`, or an error and none: std::errc::invalid_argument for what can be no
/// host. Called by the running task.
std::vector<endpoint> look_up(const std::string& host, std::uint16_t port,
                              troupe::detail::task& self, time_limit& limit,
                              std::error_code& error);

}  // namespace troupe::io::detail
