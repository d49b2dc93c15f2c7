// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <asio/ip/basic_endpoint.hpp>

namespace asio::ip {
class tcp;  // <asio/ip/tcp.hpp> would double the time it takes to compile a program's file
}

namespace troupe::io {

/// An IPv4 or IPv6 address and a port: asio::ip::tcp::endpoint.
using endpoint = asio::ip::basic_endpoint<asio::ip::tcp>;

}  // namespace troupe::io
