// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/glob.hpp>
#include <examples/kv_server/service/broker.hpp>

#include <exception>
#include <iterator>
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

bool broker::on(subscribe&& message) {
  const auto connection = self().sender();
  const topic what(message.kind, std::move(message.topic));
  try {
    auto at = subscribers_.find(connection.id());
    if (at == subscribers_.end()) {
      self().monitor(connection);
      at = subscribers_.try_emplace(connection.id()).first;
      at->second.connection = connection;
      at->second.client = std::move(message.client);
    }
    at->second.topics.insert(what);  // first: forget() goes by these
    of(what.first)[what.second].emplace(connection.id(), &at->second);
    return true;
  } catch (const std::exception&) {
    leave(connection.id(), what);
    if (const auto at = subscribers_.find(connection.id()); at != subscribers_.end()) {
      at->second.topics.erase(what);
    }
    return false;
  }
}

std::uint64_t broker::on(const unsubscribe& message) {
  const auto found = subscribers_.find(self().sender().id());
  if (found == subscribers_.end()) return 0;
  const topic what(message.kind, message.topic);
  if (found->second.topics.erase(what) != 0) leave(found->first, what);
  return found->second.sent;
}

std::optional<std::int64_t> broker::on(const publish& message) {
  std::optional<std::int64_t> receivers;
  try {
    receivers = send_to_all(message);
  } catch (const std::exception&) {
    // The others go on as before, and so do those who listen.
  }
  if (std::exchange(one_leaves_, false)) forget_leaving();
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

void broker::forget_leaving() {
  for (auto at = subscribers_.begin(); at != subscribers_.end();) {
    const auto next = std::next(at);
    if (at->second.leaves) forget(at->first);
    at = next;
  }
}

std::int64_t broker::send_to_all(const publish& message) {
  std::int64_t receivers = 0;
  if (const auto found = channels_.find(message.channel); found != channels_.end()) {
    receivers += deliver(found->second, [&] { return message_frame(message); });
  }
  for (const auto& [pattern, to] : patterns_) {
    if (glob_matches(pattern, message.channel)) {
      receivers += deliver(
          to, [&message, &which = pattern] { return pattern_message_frame(which, message); });
    }
  }
  return receivers;
}

template <class MakeFrame>
std::int64_t broker::deliver(const std::map<client_id, subscriber*>& to, MakeFrame&& make_frame) {
  std::shared_ptr<const std::string> frame;
  std::int64_t receivers = 0;
  for (const auto& [id, who] : to) {
    if (who->leaves) continue;
    if (frame == nullptr) frame = std::make_shared<const std::string>(make_frame());
    if (send(*who, frame)) ++receivers;
  }
  return receivers;
}

bool broker::send(subscriber& who, const std::shared_ptr<const std::string>& frame) {
  const auto bytes = delivery::bytes_of(*frame);
  const auto waiting = who.client->add_waiting(bytes);
  if (!waiting || *waiting > waiting_limit_) {
    // It was disconnected, or does not read. What waits for it is lost with its connection.
    who.connection.kill();
    who.leaves = one_leaves_ = true;
    return false;
  }
  try {
    who.connection.send(delivery{frame});
  } catch (...) {
    who.client->remove_waiting(bytes);
    throw;
  }
  ++who.sent;
  return true;
}

}  // namespace kv
