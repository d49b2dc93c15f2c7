// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/service/session.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace kv {
namespace {

void confirm(session& client, call& c, std::string_view what, const std::string_view* topic) {
  c.out.array(3);
  c.out.bulk(what);
  topic != nullptr ? c.out.bulk(*topic) : c.out.null();
  c.out.integer(static_cast<std::int64_t>(client.subscriptions()));
}

// Whether argument `index`, a channel, has a longer name than it may have, which is answered then.
bool too_long_a_channel(const session& client, call& c, std::size_t index) {
  const bool too_long = c.arguments[index].size() > client.home().options.max_channel_length;
  if (too_long) c.out.error(text::channel_too_long);
  return too_long;
}

template <topic_kind Kind>
void subscribe_command(session& client, call& c) {
  for (std::size_t i = 1; i < c.arguments.size(); ++i) {
    const auto topic = c.arguments[i];
    if (Kind == topic_kind::pattern ? too_long_a_pattern(c, i) : too_long_a_channel(client, c, i)) {
      return;
    }
    const auto result = client.subscribe_to(Kind, topic);
    if (result == session::subscription::one_too_many) {
      return c.out.error(text::too_many_subscriptions);
    }
    if (result == session::subscription::out_of_memory) return c.out.error(text::out_of_memory);
    confirm(client, c, Kind == topic_kind::channel ? "subscribe" : "psubscribe", &topic);
  }
}

template <topic_kind Kind>
void unsubscribe_command(session& client, call& c) {
  constexpr std::string_view what = Kind == topic_kind::channel ? "unsubscribe" : "punsubscribe";
  std::vector<std::string> topics;
  for (std::size_t i = 1; i < c.arguments.size(); ++i) topics.emplace_back(c.arguments[i]);
  if (topics.empty()) {
    const auto& all = client.subscribed_to(Kind);
    topics.assign(all.begin(), all.end());
  }
  if (topics.empty()) return confirm(client, c, what, nullptr);
  for (const std::string_view topic : topics) {
    client.unsubscribe_from(Kind, topic, c.out);
    confirm(client, c, what, &topic);
  }
}

void publish_command(session& client, call& c) {
  if (too_long_a_channel(client, c, 1)) return;
  const auto receivers = client.ask(
      client.home().broker, publish{std::string(c.arguments[1]), std::string(c.arguments[2])});
  receivers ? c.out.integer(*receivers) : c.out.error(text::out_of_memory);
}

// Back to how a connection begins; what was published before is still sent.
void reset(session& client, call& c) {
  for (const auto kind : {topic_kind::channel, topic_kind::pattern}) {
    const auto all = client.subscribed_to(kind);
    for (const std::string_view topic : all) client.unsubscribe_from(kind, topic, c.out);
  }
  if (!client.name().empty()) client.rename({});
  c.out.simple("RESET");
}

constexpr key_positions no_keys{};
constexpr auto listening = flag::pubsub | flag::when_subscribed;

constexpr std::array all{
    command{"psubscribe", -2, listening, no_keys,
            on_session{subscribe_command<topic_kind::pattern>}},
    command{"publish", 3, flag::pubsub | flag::fast, no_keys, on_session{publish_command}},
    command{"punsubscribe", -1, listening, no_keys,
            on_session{unsubscribe_command<topic_kind::pattern>}},
    command{"reset", 1, flag::fast | flag::when_subscribed, no_keys, on_session{reset}},
    command{"subscribe", -2, listening, no_keys,
            on_session{subscribe_command<topic_kind::channel>}},
    command{"unsubscribe", -1, listening, no_keys,
            on_session{unsubscribe_command<topic_kind::channel>}},
};

}  // namespace

std::span<const command> pubsub_commands() { return all; }

}  // namespace kv
