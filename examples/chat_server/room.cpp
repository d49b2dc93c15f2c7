// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/room.hpp>

#include <utility>
#include <vector>

namespace chat {
namespace {

constexpr std::string_view dropped = " was dropped: reads too slowly";

}  // namespace

void room::on(admit message) {
  ++admitted_;
  self().monitor(message.who.outbox);
  const auto nickname = message.who.nickname;
  const auto id = message.who.outbox.id();
  members_.insert_or_assign(id, std::move(message.who));
  tell_all("* " + nickname + " is here, in " + name_);
}

void room::on(const leave& message) { remove(message.who.id(), " has left"); }

void room::on(renamed message) {
  const auto found = members_.find(message.who.id());
  if (found == members_.end()) return;
  const auto before = std::exchange(found->second.nickname, std::move(message.nickname));
  tell_all("* " + before + " is now " + found->second.nickname);
}

void room::on(const say& message) {
  const auto found = members_.find(message.from.id());
  if (found != members_.end()) tell_all(found->second.nickname + ": " + message.text);
}

std::string room::on(list_members) const {
  std::string names;
  for (const auto& [id, each] : members_) names += (names.empty() ? "" : " ") + each.nickname;
  return names;
}

void room::on(const troupe::down& message) {
  const auto found = members_.find(message.actor.id());
  if (found == members_.end()) return;
  const bool slow = found->second.too_slow->load(std::memory_order_relaxed);
  remove(message.actor.id(), slow ? dropped : " has gone");
}

void room::tell_all(std::string_view text) {
  const auto what = make_line(text);
  std::vector<member> slow;
  for (const auto& [id, each] : members_) {
    if (!offer(each.outbox, what)) slow.push_back(each);
  }
  for (const auto& each : slow) {
    each.too_slow->store(true, std::memory_order_relaxed);
    each.outbox.kill();
    remove(each.outbox.id(), dropped);  // which tells the others, and may find more such members
  }
}

void room::remove(std::uint64_t id, std::string_view how) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  const auto gone = std::move(found->second);
  members_.erase(found);
  self().demonitor(gone.outbox);
  tell_all("* " + gone.nickname + std::string(how));
  if (members_.empty()) home_.send(emptied{name_, admitted_});
}

}  // namespace chat
