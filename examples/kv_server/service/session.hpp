// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/peer.hpp>
#include <examples/kv_server/service/server.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace kv {

/// A connection as its commands see it. For its own actor only.
class session {
 public:
  session(troupe::context self, server& home, std::shared_ptr<client_record> client)
      : self_(self),
        home_(home),
        client_(std::move(client)),
        counted_texts_(client_->memory().get()) {}

  [[nodiscard]] server& home() const { return home_; }
  [[nodiscard]] const client_record& client() const { return *client_; }

  /// Whether nobody will read an answer.
  [[nodiscard]] bool peer_is_gone() const {
    return look_for_peer(client_->who().descriptor) == peer::gone;
  }

  /// The client has made the connection do a piece of SPIN's work.
  void spun() { client_->spun(); }

  [[nodiscard]] troupe::preemption_statistics preemption() const {
    return self_.home().preemption();
  }

  /// Waits for another actor's answer.
  template <class Ref, class Message>
  auto ask(const Ref& to, Message&& message) {
    return self_.ask(to, std::forward<Message>(message));
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  void rename(std::string_view name);

  /// The connection is closed when what was answered so far is sent.
  void close() { closing_ = true; }
  [[nodiscard]] bool closing() const { return closing_; }

  // --- publish/subscribe

  using topics = std::set<std::string, std::less<>>;

  [[nodiscard]] const topics& subscribed_to(topic_kind kind) const {
    return kind == topic_kind::channel ? channels_ : patterns_;
  }
  [[nodiscard]] std::size_t subscriptions() const { return channels_.size() + patterns_.size(); }
  enum class subscription : std::uint8_t { holds, one_too_many, out_of_memory };
  [[nodiscard]] subscription subscribe_to(topic_kind kind, std::string_view topic);
  /// What was published before is in `out` when this returns.
  void unsubscribe_from(topic_kind kind, std::string_view topic, reply_buffer& out);

  /// Whether messages may come: the connection subscribed to something once.
  [[nodiscard]] bool listens() const { return listens_; }
  /// Takes the messages that have come, until `out` has enough to be sent.
  void take_deliveries(reply_buffer& out);
  void take(const delivery& message, reply_buffer& out);

 private:
  topics& of(topic_kind kind) { return kind == topic_kind::channel ? channels_ : patterns_; }
  void report_subscriptions() { client_->subscribed(channels_.size(), patterns_.size()); }

  troupe::context self_;
  server& home_;
  std::shared_ptr<client_record> client_;
  void count_texts();

  counted_bytes counted_texts_;  // of the name and the topics
  std::size_t topic_bytes_ = 0;
  std::string name_;
  topics channels_;
  topics patterns_;
  std::uint64_t taken_ = 0;  // messages
  bool listens_ = false;
  bool closing_ = false;
};

}  // namespace kv
