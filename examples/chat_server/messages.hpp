// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chat {

// --- to an outbox, the actor that writes to a client

/// A line for the client, with its line end; one text for all who get it.
struct line {
  std::shared_ptr<const std::string> text;
};

using outbox_ref = troupe::actor_ref<void(line)>;

/// What an outbox and those who send to it know of each other. Relaxed, all of it: nothing is
/// published by it.
struct backlog {
  explicit backlog(std::size_t most) : most_bytes(most) {}

  const std::size_t most_bytes;
  /// Of the lines that wait, without those that the outbox has taken.
  std::atomic<std::size_t> bytes{0};
  /// Set by the one who asks the outbox to end for that reason.
  std::atomic<bool> too_slow{false};
};

/// A client, as others know it.
struct member {
  outbox_ref outbox;
  std::string nickname;
  std::shared_ptr<backlog> waiting;
};

// --- to a room. All are requests, so that a client has one at most in a room's mailbox.

struct admit {
  member who;
};
struct leave {
  outbox_ref who;
};
struct renamed {
  outbox_ref who;
  std::string nickname;
};
struct say {
  outbox_ref from;
  std::string text;
};
/// The nicknames of those who are there.
struct list_members {};

using room_ref = troupe::actor_ref<void(admit), void(leave), void(renamed), void(say),
                                   std::string(list_members)>;

// --- to the directory: requests, as above

/// A new client; the answer is the nickname it gets.
struct arrive {
  member who;
};
/// False: the nickname is another one's.
struct rename {
  outbox_ref who;
  std::string nickname;
};
/// Leads to a room, which is made when it is not there, and keeps it for the client until that one
/// says `left`, or has gone. std::nullopt: there are too many.
struct enter {
  outbox_ref who;
  std::string room;
};
/// The client is through with its room.
struct left {
  outbox_ref who;
};
/// Who has that nickname.
struct find_member {
  std::string nickname;
};
/// The names of the rooms.
struct list_rooms {};

using directory_ref =
    troupe::actor_ref<std::string(arrive), bool(rename), std::optional<room_ref>(enter),
                      std::optional<member>(find_member), std::string(list_rooms), void(left)>;

/// Requests that may wait for a room, or the directory; who has another one waits as well.
constexpr std::size_t requests_waiting = 1024;

/// False: so many lines or bytes wait for this client already that it has no room for more. Where
/// nothing waits there is room for a line of any length.
[[nodiscard]] bool offer(const member& to, const line& what);

/// A line of this text, with a line end.
[[nodiscard]] line make_line(std::string_view text);

/// Names for an answer to a client, which is no longer than a line may be: the first ones, and how
/// many there are beside them.
class name_list {
 public:
  void add(std::string_view name);
  [[nodiscard]] std::string text() const;

 private:
  std::string shown_;
  std::size_t others_ = 0;
};

}  // namespace chat
