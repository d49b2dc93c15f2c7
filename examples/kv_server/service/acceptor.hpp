// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/server.hpp>
#include <troupe/io/tcp_listener.hpp>
#include <troupe/troupe.hpp>

namespace kv {

/// The body of the actor that waits for clients and starts an actor for each.
void accept_clients(troupe::context& self, server* home, troupe::io::tcp_listener listener);

}  // namespace kv
