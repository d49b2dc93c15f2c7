// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/refusal.hpp>
#include <examples/common/run_service.hpp>
#include <examples/kv_server/service/acceptor.hpp>
#include <examples/kv_server/service/connection.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace kv {
namespace {

// std::nullopt: it has reset the connection already, so there is nobody to serve.
std::optional<client_identity> identity_of(const troupe::io::tcp_stream& stream, std::uint64_t id,
                                           milliseconds_since_epoch now) {
  try {
    return client_identity{id, examples::text_of(stream.remote_endpoint()),
                           examples::text_of(stream.local_endpoint()), stream.native_handle(), now};
  } catch (const std::system_error& problem) {
    if (problem.code() == std::errc::not_connected) return std::nullopt;
    throw;
  }
}

void admit(troupe::context& self, server& home, troupe::io::tcp_stream stream, std::uint64_t id,
           const examples::refusal& too_many) {
  if (home.connections.load(std::memory_order_relaxed) >= home.options.max_clients) {
    return too_many.turn_away(self, std::move(stream));
  }
  auto who = identity_of(stream, id, home.calendar.now());
  if (!who) return;
  connection_slot slot(home);
  auto client = std::make_shared<client_record>(std::move(*who), home.memory);
  self.spawn(troupe::spawn_options{.name = "client " + std::to_string(id)}, serve_client, &home,
             std::move(stream), std::move(client), std::move(slot));
}

}  // namespace

void accept_clients(troupe::context& self, server* home, troupe::io::tcp_listener listener) {
  constexpr std::chrono::milliseconds pause(100);
  const examples::refusal too_many("-ERR max number of clients reached\r\n");
  for (std::uint64_t id = 1;; ++id) {
    std::error_code error;
    auto stream = listener.accept(error);
    try {
      if (error) throw std::system_error(error, "accept");
      admit(self, *home, std::move(stream), id, too_many);
    } catch (const std::exception& problem) {
      if (home->stopping.load(std::memory_order_relaxed)) return;
      // Whatever the machine is short of, those who are connected are still served.
      std::fprintf(stderr, "kv_server: a client was not admitted: %s\n", problem.what());
      self.sleep_for(pause);
    }
  }
}

}  // namespace kv
