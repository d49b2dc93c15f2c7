// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/service/directory.hpp>

#include <utility>

namespace kv {
namespace {

bool is_subscribed(const client_record& client) {
  return client.channels() + client.patterns() != 0;
}

}  // namespace

void directory::on(joined&& message) {
  const auto connection = self().sender();
  by_connection_[connection.id()] = message.client->who().id;
  clients_[message.client->who().id] = {message.client, {}, connection};
  ++accepted_;
  self().monitor(connection);
}

void directory::on(renamed&& message) {
  const auto found = clients_.find(message.client);
  if (found != clients_.end()) found->second.name = std::move(message.name);
}

std::string directory::on(list_clients&& message) {
  using kind = list_clients::kind;
  std::string lines;
  const auto now = calendar_.now();
  for (const auto id : message.only) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    lines += client_line(*found->second.client, found->second.name, now);
  }
  if (!message.only.empty()) return lines;
  for (const auto& [id, each] : clients_) {
    const auto is = is_subscribed(*each.client) ? kind::subscribed : kind::normal;
    if (message.which != kind::any && message.which != is) continue;
    lines += client_line(*each.client, each.name, now);
  }
  return lines;
}

void directory::on(const too_much_memory& /*message*/) {
  memory_.relieving();
  relieve_memory();
}

// Allocates nothing.
void directory::relieve_memory() {
  if (memory_.limit() == 0 || memory_.held() <= memory_.limit()) return;
  auto leaving = held_by_leaving();
  while (memory_.held() > memory_.limit() + leaving) {
    auto* const victim = largest();
    if (victim == nullptr) return;
    leaving += victim->client->memory()->close();
    victim->evicted = true;
    ++evicted_;
    victim->connection.kill();
  }
}

// What will be free without anybody else being disconnected: that of those who were asked to end
// and have not yet, and that of those who ended while a shard executed their requests, until it is
// through.
std::size_t directory::held_by_leaving() {
  std::size_t leaving = 0;
  for (const auto& [id, each] : clients_) {
    if (each.evicted) leaving += each.client->memory()->held();
  }
  for (const auto& [id, each] : gone_) {
    if (const auto memory = each.left_behind.lock()) leaving += memory->held();
  }
  return leaving;
}

// Of those that stay; null: none holds anything.
directory::entry* directory::largest() {
  entry* found = nullptr;
  std::size_t most = 0;
  for (auto& [id, each] : clients_) {
    const auto held = each.client->memory()->held();
    if (each.evicted || held <= most) continue;
    found = &each;
    most = held;
  }
  return found;
}

client_statistics directory::on(const get_client_statistics& /*message*/) {
  client_statistics result{clients_.size(), accepted_, evicted_, of_the_gone_};
  for (const auto& [id, each] : clients_) result.traffic += each.client->traffic();
  return result;
}

void directory::on(const troupe::down& message) {
  const auto connection = by_connection_.find(message.actor.id());
  if (connection == by_connection_.end()) return;
  auto client = clients_.extract(connection->second);
  by_connection_.erase(connection);
  auto& last = client.mapped();
  of_the_gone_ += last.client->traffic();
  last.client->memory()->close();
  last.left_behind = last.client->memory();
  last.client.reset();
  std::erase_if(gone_, [](const auto& each) { return each.second.left_behind.expired(); });
  if (!last.left_behind.expired()) gone_.insert(std::move(client));
  relieve_memory();  // in case its memory was taken into account, and was gone already
}

std::string client_line(const client_record& client, const std::string& name,
                        milliseconds_since_epoch now) {
  const auto seconds = [now](milliseconds_since_epoch since) {
    return std::to_string((now - since) / 1000);
  };
  const auto number = [](std::size_t value) { return std::to_string(value); };
  const auto& who = client.who();
  std::string line;
  const auto field = [&line](std::string_view key, std::string_view value) {
    if (!line.empty()) line += ' ';
    line.append(key).append("=").append(value);
  };
  field("id", std::to_string(who.id));
  field("addr", who.peer);
  field("laddr", who.local);
  field("fd", std::to_string(who.descriptor));
  field("name", name);
  field("age", seconds(who.since));
  field("idle", seconds(client.active()));
  field("flags", is_subscribed(client) ? "P" : "N");
  field("db", "0");
  field("sub", number(client.channels()));
  field("psub", number(client.patterns()));
  field("multi", "-1");
  field("omem", number(client.waiting()));
  field("tot-mem", number(client.memory()->held()));
  field("tot-net-in", std::to_string(client.traffic().bytes_in));
  field("tot-net-out", std::to_string(client.traffic().bytes_out));
  field("tot-cmds", std::to_string(client.traffic().commands));
  field("cmd", client.last().name());
  field("user", "default");
  field("resp", "2");
  if (client.spins() != 0) field("spins", std::to_string(client.spins()));
  return line + "\n";
}

}  // namespace kv
