// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/chat_server/messages.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace chat {

/// Knows who is there by which nickname, and which rooms there are. A room ends with the last
/// client for which it is kept.
class directory
    : public troupe::actor<std::string(arrive), bool(rename), std::optional<room_ref>(enter),
                           std::optional<member>(find_member), std::string(list_rooms),
                           void(left)> {
 public:
  explicit directory(std::size_t max_rooms) : max_rooms_(max_rooms) {}

  std::string on(arrive message);
  bool on(rename message);
  std::optional<room_ref> on(const enter& message);
  std::optional<member> on(const find_member& message) const;
  std::string on(list_rooms) const;
  void on(const left& message);
  void on(const troupe::down& message);

 private:
  struct client {
    std::string nickname;
    std::string room{};  ///< that is kept for it; empty: none
  };
  struct known_room {
    room_ref room;
    std::size_t clients = 0;  ///< for which it is kept
  };

  void release_room(client& of);

  std::size_t max_rooms_;
  std::uint64_t guests_ = 0;
  std::map<std::string, member, std::less<>> members_;  // by nickname
  std::unordered_map<std::uint64_t, client> clients_;   // by the outbox's id
  std::map<std::string, known_room, std::less<>> rooms_;
};

}  // namespace chat
