// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/service/session.hpp>

#include <chrono>

namespace kv {

void session::rename(std::string_view name) {
  name_ = name;
  count_texts();
  home_.directory.send(renamed{client_->who().id, name_});
}

session::subscription session::subscribe_to(topic_kind kind, std::string_view topic) {
  if (of(kind).contains(topic)) return subscription::holds;
  if (subscriptions() >= home_.options.max_subscriptions) return subscription::one_too_many;
  const auto added = of(kind).emplace(topic).first;
  topic_bytes_ += topic.size();
  count_texts();
  listens_ = true;
  if (!ask(home_.broker, subscribe{kind, std::string(topic), client_})) {
    of(kind).erase(added);
    topic_bytes_ -= topic.size();
    count_texts();
    return subscription::out_of_memory;
  }
  report_subscriptions();
  return subscription::holds;
}

void session::unsubscribe_from(topic_kind kind, std::string_view topic, reply_buffer& out) {
  const auto found = of(kind).find(topic);
  if (found == of(kind).end()) return;
  // The broker sent these before it answered, so they are in the mailbox.
  const auto sent = ask(home_.broker, unsubscribe{kind, std::string(topic)});
  while (taken_ < sent) {
    self_.receive([&](const delivery& message) { take(message, out); });
  }
  of(kind).erase(found);
  topic_bytes_ -= topic.size();
  count_texts();
  report_subscriptions();
}

// The directory has the name too, and the broker each topic once or twice.
void session::count_texts() {
  constexpr std::size_t around_a_topic = 256;
  counted_texts_.set(2 * name_.capacity() + 3 * topic_bytes_ + around_a_topic * subscriptions());
}

void session::take_deliveries(reply_buffer& out) {
  bool more = true;
  while (more && out.size() < exchange::send_at) {
    more = self_.receive([&](const delivery& message) { take(message, out); },
                         troupe::after(std::chrono::nanoseconds(0)));
  }
}

void session::take(const delivery& message, reply_buffer& out) {
  out.raw(*message.frame);
  client_->remove_waiting(delivery::bytes_of(*message.frame));
  ++taken_;
}

}  // namespace kv
