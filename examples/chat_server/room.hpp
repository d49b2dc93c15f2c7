// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/chat_server/messages.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chat {

/// Passes what one member says on to all. A member for which too much waits already is dropped:
/// its outbox is asked to end, and the others are told. Those dropped together are named together,
/// in one line for the outboxes, so that many of them do not fill the outbox of one who reads.
class room : public troupe::actor<void(admit), void(leave), void(renamed), void(say),
                                  std::string(list_members)> {
 public:
  explicit room(std::string name) : name_(std::move(name)) {}

  void on(admit message);
  void on(const leave& message);
  void on(renamed message);
  void on(const say& message);
  std::string on(list_members) const;
  void on(const troupe::down& message);

 private:
  void tell_all(std::string text);
  [[nodiscard]] std::vector<std::string> drop_where_full(const line& what);
  void remove(std::uint64_t id, std::string_view how);

  std::string name_;
  std::map<std::uint64_t, member> members_;  // by the outbox's id
};

}  // namespace chat
