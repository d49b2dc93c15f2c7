// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/room.hpp>

#include <utility>

namespace chat {
namespace {

constexpr std::string_view dropped = " was dropped: reads too slowly";

std::string news_of(const std::vector<std::string>& gone) {
  constexpr std::size_t most_named = 8;
  std::string text;
  for (std::size_t i = 0; i < gone.size() && i < most_named; ++i) {
    text += (i == 0 ? "* " : "\n* ") + gone[i] + std::string(dropped);
  }
  if (gone.size() > most_named) {
    text += "\n* " + std::to_string(gone.size() - most_named) + " more were dropped";
  }
  return text;
}

}  // namespace

void room::on(admit message) {
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
  name_list names;
  for (const auto& [id, each] : members_) names.add(each.nickname);
  return names.text();
}

void room::on(const troupe::down& message) {
  const auto found = members_.find(message.actor.id());
  if (found == members_.end()) return;
  const bool slow = found->second.waiting->too_slow.load(std::memory_order_relaxed);
  remove(message.actor.id(), slow ? dropped : " has gone");
}

// What is told of those who are dropped may be too much for others, and so on: a loop, because as a
// recursion it would be as deep as there are members. It ends: each round has fewer of them.
void room::tell_all(std::string text) {
  while (!members_.empty()) {
    const auto gone = drop_where_full(make_line(text));
    if (gone.empty()) return;
    text = news_of(gone);
  }
}

// Those who had no room for it.
std::vector<std::string> room::drop_where_full(const line& what) {
  std::vector<std::string> gone;
  for (auto next = members_.begin(); next != members_.end();) {
    const auto& each = next->second;
    if (offer(each, what)) {
      ++next;
      continue;
    }
    each.waiting->too_slow.store(true, std::memory_order_relaxed);
    each.outbox.kill();
    self().demonitor(each.outbox);
    gone.push_back(each.nickname);
    next = members_.erase(next);
  }
  return gone;
}

void room::remove(std::uint64_t id, std::string_view how) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  const auto gone = std::move(found->second);
  members_.erase(found);
  self().demonitor(gone.outbox);
  tell_all("* " + gone.nickname + std::string(how));
}

}  // namespace chat
