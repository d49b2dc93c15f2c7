// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/directory.hpp>
#include <examples/chat_server/room.hpp>

#include <utility>

namespace chat {

std::string directory::on(arrive message) {
  do {
    message.who.nickname = "guest" + std::to_string(++guests_);
  } while (members_.contains(message.who.nickname));
  const auto nickname = message.who.nickname;
  nicknames_[message.who.outbox.id()] = nickname;
  self().monitor(message.who.outbox);
  members_.emplace(nickname, std::move(message.who));
  return nickname;
}

bool directory::on(rename message) {
  const auto known = nicknames_.find(message.who.id());
  if (known == nicknames_.end() || members_.contains(message.nickname)) return false;
  auto entry = members_.extract(known->second);
  known->second = message.nickname;
  entry.key() = message.nickname;
  entry.mapped().nickname = std::move(message.nickname);
  members_.insert(std::move(entry));
  return true;
}

std::optional<room_ref> directory::on(enter message) {
  auto found = rooms_.find(message.room);
  if (found == rooms_.end()) {
    if (rooms_.size() >= max_rooms_) return std::nullopt;
    const auto made = self().spawn<room>(troupe::spawn_options{.name = "room " + message.room},
                                         message.room, self().ref().as<directory_ref>());
    found = rooms_.emplace(message.room, known_room{made}).first;
  }
  ++found->second.admitted;
  found->second.room.send(admit{std::move(message.who)});
  return found->second.room;
}

std::optional<member> directory::on(const find_member& message) const {
  const auto found = members_.find(message.nickname);
  if (found == members_.end()) return std::nullopt;
  return found->second;
}

std::string directory::on(list_rooms) const {
  std::string names;
  for (const auto& [name, entry] : rooms_) names += (names.empty() ? "" : " ") + name;
  return names;
}

// Unless somebody is on the way into it, the room goes.
void directory::on(const emptied& message) {
  const auto found = rooms_.find(message.room);
  if (found == rooms_.end() || found->second.admitted != message.admitted) return;
  found->second.room.kill();
  rooms_.erase(found);
}

void directory::on(const troupe::down& message) {
  const auto known = nicknames_.find(message.actor.id());
  if (known == nicknames_.end()) return;
  members_.erase(known->second);
  nicknames_.erase(known);
}

}  // namespace chat
