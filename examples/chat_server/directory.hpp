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

/// Knows who is there by which nickname, and which rooms there are.
class directory
    : public troupe::actor<std::string(arrive), bool(rename), std::optional<room_ref>(enter),
                           std::optional<member>(find_member), std::string(list_rooms),
                           void(emptied)> {
 public:
  explicit directory(std::size_t max_rooms) : max_rooms_(max_rooms) {}

  std::string on(arrive message);
  bool on(rename message);
  std::optional<room_ref> on(enter message);
  std::optional<member> on(const find_member& message) const;
  std::string on(list_rooms) const;
  void on(const emptied& message);
  void on(const troupe::down& message);

 private:
  struct known_room {
    room_ref room;
    std::uint64_t admitted = 0;
  };

  std::size_t max_rooms_;
  std::uint64_t guests_ = 0;
  std::map<std::string, member, std::less<>> members_;        // by nickname
  std::unordered_map<std::uint64_t, std::string> nicknames_;  // by the outbox's id
  std::map<std::string, known_room, std::less<>> rooms_;
};

}  // namespace chat
