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
  std::string nickname = message.who.nickname;
  clients_[message.who.outbox.id()] = client{nickname};
  self().monitor(message.who.outbox);
  members_.emplace(nickname, std::move(message.who));
  return nickname;
}

bool directory::on(rename message) {
  const auto known = clients_.find(message.who.id());
  if (known == clients_.end() || members_.contains(message.nickname)) return false;
  auto entry = members_.extract(known->second.nickname);
  known->second.nickname = message.nickname;
  entry.key() = message.nickname;
  entry.mapped().nickname = std::move(message.nickname);
  members_.insert(std::move(entry));
  return true;
}

std::optional<room_ref> directory::on(const enter& message) {
  const auto known = clients_.find(message.who.id());
  if (known == clients_.end()) return std::nullopt;  // has gone meanwhile
  release_room(known->second);
  auto found = rooms_.find(message.room);
  if (found == rooms_.end()) {
    if (rooms_.size() >= max_rooms_) return std::nullopt;
    const auto made = self().spawn<room>(
        troupe::spawn_options{
            .name = "room " + message.room,
            .mailbox = {.capacity = requests_waiting, .when_full = troupe::overflow::suspend}},
        message.room);
    found = rooms_.emplace(message.room, known_room{made}).first;
  }
  ++found->second.clients;
  known->second.room = message.room;
  return found->second.room;
}

std::optional<member> directory::on(const find_member& message) const {
  const auto found = members_.find(message.nickname);
  if (found == members_.end()) return std::nullopt;
  return found->second;
}

std::string directory::on(list_rooms) const {
  name_list names;
  for (const auto& [name, entry] : rooms_) names.add(name);
  return names.text();
}

void directory::on(const left& message) {
  const auto known = clients_.find(message.who.id());
  if (known != clients_.end()) release_room(known->second);
}

void directory::on(const troupe::down& message) {
  const auto known = clients_.find(message.actor.id());
  if (known == clients_.end()) return;
  release_room(known->second);
  members_.erase(known->second.nickname);
  clients_.erase(known);
}

// A client asks for its room's answer before it says that it has left: nobody needs the room any
// more when it ends here.
void directory::release_room(client& of) {
  const auto found = rooms_.find(std::exchange(of.room, {}));
  if (found == rooms_.end() || --found->second.clients > 0) return;
  found->second.room.kill();
  rooms_.erase(found);
}

}  // namespace chat
