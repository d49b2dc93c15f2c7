// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/common/complaints.hpp>
#include <examples/common/connection_limit.hpp>
#include <examples/common/refusal.hpp>

#include <troupe/troupe.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace examples {

/// How serve() treats those who come.
struct serve_options {
  std::shared_ptr<examples::complaints> complaints;  ///< says what goes wrong; never null
  std::size_t max_connections = 0;                   ///< at a time
  std::string refusal{};                             ///< what one too many is told
};

/// What is done where a newcomer cannot be served: what the machine is short of may be back in a
/// moment. False: the system stops. **Suspends**.
bool pause_after_failure(troupe::context& self, const serve_options& options,
                         const std::exception& problem);

/// Accepts connections until the actor is asked to end; each is given to `admit`. The body of the
/// actor that serve() spawns.
template <class Admit>
void accept_all(troupe::context& self, troupe::io::tcp_listener listener,
                const serve_options& options, const Admit& admit) {
  const connection_limit limit(options.max_connections);
  const refusal too_many(options.refusal);
  for (;;) {
    try {
      auto stream = listener.accept();
      if (auto slot = limit.take()) {
        admit(std::move(stream), std::move(slot));
      } else {
        too_many.turn_away(self, std::move(stream));
      }
    } catch (const std::exception& problem) {
      if (!pause_after_failure(self, options, problem)) return;
    }
  }
}

/// Spawns an actor that accepts connections, and spawns another one for each, which runs
/// `body(context&, tcp_stream, connection_slot, arguments...)`. What that throws as
/// std::system_error (the peer is gone, too slow, too loud) ends the connection and nothing else;
/// the complaints say why, unless it is_mere_end().
template <class Body, class... Args>
void serve(troupe::system& system, troupe::io::tcp_listener listener, serve_options options,
           Body body, Args... args) {
  const auto guarded = [body, complaints = options.complaints](
                           troupe::context& self, troupe::io::tcp_stream stream,
                           connection_slot slot, const Args&... with) {
    try {
      body(self, std::move(stream), std::move(slot), with...);
    } catch (const std::system_error& problem) {
      if (!is_mere_end(problem.code())) complaints->say(problem.what());
    }
  };
  const auto acceptor = [guarded, options = std::move(options)](troupe::context& self,
                                                                troupe::io::tcp_listener on,
                                                                const Args&... with) {
    accept_all(self, std::move(on), options,
               [&](troupe::io::tcp_stream stream, connection_slot slot) {
                 self.spawn(guarded, std::move(stream), std::move(slot), with...);
               });
  };
  system.spawn(troupe::spawn_options{.name = "acceptor"}, acceptor, std::move(listener),
               std::move(args)...);
}

}  // namespace examples
