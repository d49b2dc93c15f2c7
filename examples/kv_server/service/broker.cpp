// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>
#include <examples/kv_server/service/broker.hpp>

#include <utility>

namespace kv {
namespace {

std::string message_frame(const publish& message) {
  reply_buffer frame;
  frame.array(3);
  frame.bulk("message");
  frame.bulk(message.channel);
  frame.bulk(message.message);
  return std::string(frame.view());
}

std::string pattern_message_frame(const std::string& pattern, const publish& message) {
  reply_buffer frame;
  frame.array(4);
  frame.bulk("pmessage");
  frame.bulk(pattern);
  frame.bulk(message.channel);
  frame.bulk(message.message);
  return std::string(frame.view());
}

}  // namespace

void broker::on(subscribe&& message) {
  const auto connection = self().sender();
  const auto [at, added] = subscribers_.try_emplace(connection.id());
  auto& who = at->second;
  if (added) {
    who.connection = connection;
    who.client = std::move(message.client);
    self().monitor(connection);
  }
  of(message.kind)[message.topic].emplace(connection.id(), &who);
  who.topics.emplace(message.kind, std::move(message.topic));
}

std::uint64_t broker::on(const unsubscribe& message) {
  const auto found = subscribers_.find(self().sender().id());
  if (found == subscribers_.end()) return 0;
  const topic what(message.kind, message.topic);
  if (found->second.topics.erase(what) != 0) leave(found->first, what);
  return found->second.sent;
}

std::int64_t broker::on(const publish& message) {
  std::int64_t receivers = 0;
  if (const auto found = channels_.find(message.channel); found != channels_.end()) {
    receivers += deliver(found->second, message_frame(message));
  }
  for (const auto& [pattern, to] : patterns_) {
    if (glob_matches(pattern, message.channel)) {
      receivers += deliver(to, pattern_message_frame(pattern, message));
    }
  }
  for (const auto who : overrun_) forget(who);
  overrun_.clear();
  return receivers;
}

broker_statistics broker::on(const get_broker_statistics& /*message*/) {
  return {channels_.size(), patterns_.size()};
}

void broker::on(const troupe::down& message) { forget(message.actor.id()); }

void broker::leave(client_id who, const topic& what) {
  auto& all = of(what.first);
  const auto found = all.find(what.second);
  if (found == all.end()) return;
  found->second.erase(who);
  if (found->second.empty()) all.erase(found);
}

void broker::forget(client_id who) {
  const auto found = subscribers_.find(who);
  if (found == subscribers_.end()) return;
  for (const auto& each : found->second.topics) leave(who, each);
  subscribers_.erase(found);
}

std::int64_t broker::deliver(const std::map<client_id, subscriber*>& to, std::string text) {
  const auto frame = std::make_shared<const std::string>(std::move(text));
  for (const auto& [id, who] : to) {
    if (who->client->add_waiting(frame->size()) > waiting_limit_) {
      // It does not read. What waits for it is lost with its connection.
      who->connection.kill();
      overrun_.insert(id);
    } else {
      who->connection.send(delivery{frame});
      ++who->sent;
    }
  }
  return static_cast<std::int64_t>(to.size());
}

}  // namespace kv
