// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/exchange.hpp>
#include <examples/kv_server/service/client_record.hpp>
#include <troupe/troupe.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// What the actors of the server say to each other.
namespace kv {

// --- connection and shard

/// An exchange on its way: to a shard, which executes what it is to execute, and back.
struct handover {
  std::unique_ptr<exchange> work;
};

struct get_shard_statistics {};
struct shard_statistics {
  std::size_t keys = 0;
  std::size_t expiring = 0;
  store::counters counters;
};

using shard_ref = troupe::actor_ref<handover(handover), shard_statistics(get_shard_statistics)>;

// --- connection and broker

enum class topic_kind : std::uint8_t { channel, pattern };

struct subscribe {
  topic_kind kind;
  std::string topic;
  std::shared_ptr<client_record> client;  ///< who sends this
};
struct unsubscribe {
  topic_kind kind;
  std::string topic;
};
struct publish {
  std::string channel;
  std::string message;
};
struct get_broker_statistics {};
struct broker_statistics {
  std::size_t channels = 0;
  std::size_t patterns = 0;
};

/// A published message as the subscriber's client is to see it.
struct delivery {
  std::shared_ptr<const std::string> frame;

  /// What it takes as long as it waits: its text, and about so much for the envelope that it
  /// travels in and the memory around the text. As if others did not share that, which they may
  /// cease to.
  static constexpr std::size_t around_a_frame = 128;
  [[nodiscard]] static std::size_t bytes_of(const std::string& text) {
    return text.size() + around_a_frame;
  }
};

/// A subscription holds once it is answered; false: memory has run out, there is none. The end of
/// one is answered with the number of messages that were sent to this subscriber until then,
/// publish with the number of those who were sent it; std::nullopt: memory ran out before all were.
using broker_ref = troupe::actor_ref<bool(subscribe), std::uint64_t(unsubscribe),
                                     std::optional<std::int64_t>(publish),
                                     broker_statistics(get_broker_statistics)>;

// --- connection and directory

struct joined {
  std::shared_ptr<client_record> client;  ///< who sends this
};
struct renamed {
  std::uint64_t client;
  std::string name;
};
struct list_clients {
  enum class kind : std::uint8_t { any, normal, subscribed, none };

  std::vector<std::uint64_t> only;  ///< these, in this order; empty: all
  kind which = kind::any;           ///< of all
};
/// All clients' buffers take more than they may.
struct too_much_memory {};
struct get_client_statistics {};
struct client_statistics {
  std::size_t connected = 0;
  std::uint64_t accepted = 0;
  std::uint64_t evicted = 0;
  client_traffic traffic;
};

using directory_ref =
    troupe::actor_ref<void(joined), void(renamed), std::string(list_clients), void(too_much_memory),
                      client_statistics(get_client_statistics)>;

}  // namespace kv
