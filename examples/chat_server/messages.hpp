// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <atomic>
#include <cstdint>
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

/// A client, as others know it.
struct member {
  outbox_ref outbox;
  std::string nickname;
  /// Set by the one who asks the outbox to end for that reason. Nothing is published by it:
  /// relaxed.
  std::shared_ptr<std::atomic<bool>> too_slow;
};

// --- to a room

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
/// A request, so that a client has one line at most in a room's mailbox.
struct say {
  outbox_ref from;
  std::string text;
};
/// The nicknames of those who are there.
struct list_members {};

using room_ref = troupe::actor_ref<void(admit), void(leave), void(renamed), void(say),
                                   std::string(list_members)>;

// --- to the directory

/// A new client; the answer is the nickname it gets.
struct arrive {
  member who;
};
/// False: the nickname is another one's.
struct rename {
  outbox_ref who;
  std::string nickname;
};
/// Into a room, which is made when it is not there. std::nullopt: there are too many.
struct enter {
  member who;
  std::string room;
};
/// Who has that nickname.
struct find_member {
  std::string nickname;
};
/// The names of the rooms.
struct list_rooms {};
/// From a room without members: all those admitted so far have gone.
struct emptied {
  std::string room;
  std::uint64_t admitted;
};

using directory_ref =
    troupe::actor_ref<std::string(arrive), bool(rename), std::optional<room_ref>(enter),
                      std::optional<member>(find_member), std::string(list_rooms), void(emptied)>;

/// False: so much waits for this client already that it has no room for more.
[[nodiscard]] bool offer(const outbox_ref& to, const line& what);

/// A line of this text, with a line end.
[[nodiscard]] line make_line(std::string_view text);

}  // namespace chat
