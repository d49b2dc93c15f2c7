// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/common/options.hpp>

#include <troupe/troupe.hpp>

#include <functional>
#include <string>

namespace examples {

/// Starts a service's actors. They own the listener.
using start_service = std::function<void(troupe::system&, troupe::io::tcp_listener)>;

/// Prints "PROGRAM: ready on ADDRESS:PORT", runs until SIGINT or SIGTERM, and ends all actors.
/// Returns the exit code: 0, or 1 when it could not start (an error on stderr says why) or some
/// actor would not end. `options.max_connections` is lowered to what the limit of open files
/// allows, with so many descriptors for each connection. Called by main(), before any thread.
[[nodiscard]] int run_service(const char* program, service_options& options,
                              std::size_t descriptors_each, const start_service& start);

/// As "127.0.0.1:80", "[::1]:80".
[[nodiscard]] std::string text_of(const troupe::io::endpoint& where);

/// Asks all actors to end and names those that do not within five seconds on stderr. False: there
/// are some, and the system's destructor would wait for them.
[[nodiscard]] bool stop_actors(const char* program, troupe::system& system);

}  // namespace examples
