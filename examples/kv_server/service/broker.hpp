// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/messages.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace kv {

/// Knows who listens to what. A subscriber that lets more than a limit of messages wait is
/// disconnected; one that ends is forgotten. Goes on when memory runs out.
class broker : public troupe::actor<bool(subscribe), std::uint64_t(unsubscribe),
                                    std::optional<std::int64_t>(publish),
                                    broker_statistics(get_broker_statistics)> {
 public:
  explicit broker(std::size_t waiting_limit) : waiting_limit_(waiting_limit) {}

  bool on(subscribe&& message);
  std::uint64_t on(const unsubscribe& message);
  std::optional<std::int64_t> on(const publish& message);
  broker_statistics on(const get_broker_statistics& message);
  void on(const troupe::down& message);

 private:
  using client_id = std::uint64_t;  // any_ref::id()
  using topic = std::pair<topic_kind, std::string>;

  struct subscriber {
    troupe::any_ref connection;
    std::shared_ptr<client_record> client;
    std::set<topic> topics;
    std::uint64_t sent = 0;  // messages
    bool leaves = false;     // to be forgotten when the publication is through
  };
  using topics = std::unordered_map<std::string, std::map<client_id, subscriber*>>;

  topics& of(topic_kind kind) { return kind == topic_kind::channel ? channels_ : patterns_; }
  void leave(client_id who, const topic& what);
  void forget(client_id who);
  void forget_leaving();
  std::int64_t send_to_all(const publish& message);
  template <class MakeFrame>
  std::int64_t deliver(const std::map<client_id, subscriber*>& to, MakeFrame&& make_frame);
  bool send(subscriber& who, const std::shared_ptr<const std::string>& frame);

  std::size_t waiting_limit_;
  topics channels_;
  topics patterns_;
  std::unordered_map<client_id, subscriber> subscribers_;
  bool one_leaves_ = false;
};

}  // namespace kv
