// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/clock.hpp>
#include <examples/kv_server/service/messages.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace kv {

/// Knows the clients that are connected, and what went through those that were. When more is held
/// for all of them than may be, disconnects those for which most is held.
class directory
    : public troupe::actor<void(joined), void(renamed), std::string(list_clients),
                           void(too_much_memory), client_statistics(get_client_statistics)> {
 public:
  directory(const steady_calendar& calendar, all_clients_memory& memory)
      : calendar_(calendar), memory_(memory) {}

  void on(joined&& message);
  void on(renamed&& message);
  std::string on(list_clients&& message);
  void on(const too_much_memory& message);
  client_statistics on(const get_client_statistics& message);
  void on(const troupe::down& message);

 private:
  struct entry {
    std::shared_ptr<client_record> client;
    std::string name;
    troupe::any_ref connection;
    bool evicted = false;  // asked to end
    std::weak_ptr<client_memory> left_behind = {};
  };

  void relieve_memory();
  [[nodiscard]] std::size_t held_by_leaving();
  entry* largest();

  const steady_calendar& calendar_;
  all_clients_memory& memory_;
  std::map<std::uint64_t, entry> clients_;                          // by client_identity::id
  std::map<std::uint64_t, entry> gone_;                             // as far as left_behind lasts
  std::unordered_map<std::uint64_t, std::uint64_t> by_connection_;  // any_ref::id() to that
  std::uint64_t accepted_ = 0;
  std::uint64_t evicted_ = 0;
  client_traffic of_the_gone_;
};

/// A line of CLIENT LIST.
[[nodiscard]] std::string client_line(const client_record& client, const std::string& name,
                                      milliseconds_since_epoch now);

}  // namespace kv
