// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/data/glob.hpp>
#include <examples/kv_server/service/information.hpp>
#include <examples/kv_server/service/session.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kv {
namespace {

void info(session& client, call& c) {
  constexpr std::size_t most = 64;  // each costs a look at all sections
  if (c.arguments.size() > most) return c.out.error(text::syntax);
  std::vector<std::string_view> sections;
  for (std::size_t i = 1; i < c.arguments.size(); ++i) sections.push_back(c.arguments[i]);
  c.out.bulk(information(client, sections));
}

// What tools ask for; nothing of it can be set while the server runs.
std::vector<std::pair<std::string, std::string>> settings(const server_options& options) {
  const auto number = [](auto value) { return std::to_string(value); };
  return {
      {"appendonly", "no"},
      {"bind", options.address},
      {"client-query-buffer-limit", number(options.query_buffer_limit)},
      {"databases", "1"},
      {"io-threads", "1"},
      {"maxclients", number(options.max_clients)},
      {"maxmemory", "0"},
      {"maxmemory-clients", number(options.maxmemory_clients)},
      {"maxmemory-policy", "noeviction"},
      {"port", number(options.port)},
      {"proto-max-bulk-len", number(options.bulk_limit)},
      {"save", ""},
      {"tcp-backlog", "1024"},
      {"timeout", number(options.idle_timeout.count())},
  };
}

void config_help(session& /*client*/, call& c) {
  help(c, "CONFIG", {"GET <pattern> [<pattern> ...]", "    The settings whose names match."});
}

void config_get(session& client, call& c) {
  const auto all = settings(client.home().options);
  std::vector<std::string> shown(all.size());  // the names under which they were asked for
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto wanted = c.arguments[i];
    const bool pattern = wanted.find_first_of("*?[") != std::string_view::npos;
    if (pattern && too_long_a_pattern(c, i)) return;
    const auto small = pattern ? lowercase(wanted) : std::string();
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (!shown[k].empty()) continue;
      if (pattern && glob_matches(small, all[k].first)) shown[k] = all[k].first;
      if (!pattern && same_word(wanted, all[k].first)) shown[k] = wanted;
    }
  }
  const auto missing = static_cast<std::size_t>(std::count(shown.begin(), shown.end(), ""));
  c.out.array(2 * (shown.size() - missing));
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (shown[k].empty()) continue;
    c.out.bulk(shown[k]);
    c.out.bulk(all[k].second);
  }
}

// As Redis 7 describes a command, with nothing to say about access lists, hints and subcommands.
void describe(const command& which, reply_buffer& out) {
  constexpr std::array names{std::pair{flag::write, "write"}, std::pair{flag::readonly, "readonly"},
                             std::pair{flag::fast, "fast"}, std::pair{flag::admin, "admin"},
                             std::pair{flag::pubsub, "pubsub"}};
  const auto is_set = [&](const auto& each) { return (which.flags & each.first) != 0; };
  out.array(10);
  out.bulk(which.name);
  out.integer(which.arity);
  out.array(static_cast<std::size_t>(std::count_if(names.begin(), names.end(), is_set)));
  for (const auto& each : names) {
    if (is_set(each)) out.simple(each.second);
  }
  out.integer(which.keys.first);
  out.integer(which.keys.last);
  out.integer(which.keys.step);
  for (int empty = 0; empty < 4; ++empty) out.array(0);
}

void command_details(session& client, call& c) {
  const auto all = client.home().commands.all();
  c.out.array(all.size());
  for (const auto* const each : all) describe(*each, c.out);
}

void command_info(session& client, call& c) {
  if (c.arguments.size() == 2) return command_details(client, c);
  c.out.array(c.arguments.size() - 2);
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto* const found = client.home().commands.find(c.arguments[i]);
    found != nullptr ? describe(*found, c.out) : c.out.null();
  }
}

void command_list(session& client, call& c) {
  if (c.arguments.size() > 2) return c.out.error(text::syntax);
  const auto all = client.home().commands.all();
  c.out.array(all.size());
  for (const auto* const each : all) c.out.bulk(each->name);
}

void command_count(session& client, call& c) {
  c.out.integer(static_cast<std::int64_t>(client.home().commands.all().size()));
}

void command_docs(session& /*client*/, call& c) { c.out.array(0); }

void command_help(session& /*client*/, call& c) {
  help(c, "COMMAND",
       {"(no subcommand)", "    Details of all commands.", "COUNT", "    The number of commands.",
        "DOCS [<name> ...]", "    Nothing: there is no documentation in the server.",
        "INFO [<name> ...]", "    Details of these commands, or of all.", "LIST",
        "    The names of all commands."});
}

constexpr std::array command_subcommands{
    subcommand{"command|count", 2, command_count}, subcommand{"command|docs", -2, command_docs},
    subcommand{"command|help", 2, command_help},   subcommand{"command|info", -2, command_info},
    subcommand{"command|list", -2, command_list},
};

constexpr std::array config_subcommands{
    subcommand{"config|get", -3, config_get},
    subcommand{"config|help", 2, config_help},
};

constexpr key_positions no_keys{};

constexpr std::array all{
    command{"command", -1, 0, no_keys, on_session{command_details}, command_subcommands},
    command{"config", -2, flag::admin, no_keys, on_session{nullptr}, config_subcommands},
    command{"info", -1, 0, no_keys, on_session{info}},
};

}  // namespace

std::span<const command> server_commands() { return all; }

}  // namespace kv
