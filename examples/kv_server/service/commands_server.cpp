// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/data/glob.hpp>
#include <examples/kv_server/service/information.hpp>
#include <examples/kv_server/service/session.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace kv {
namespace {

void info(session& client, call& c) {
  if (c.arguments.size() == 1) return c.out.bulk(information(client, "default"));
  std::string all;
  for (std::size_t i = 1; i < c.arguments.size(); ++i) {
    if (!all.empty()) all += "\r\n";
    all += information(client, c.arguments[i]);
  }
  c.out.bulk(all);
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
      {"maxmemory-policy", "noeviction"},
      {"port", number(options.port)},
      {"proto-max-bulk-len", number(options.bulk_limit)},
      {"save", ""},
      {"tcp-backlog", "1024"},
      {"timeout", number(options.idle_timeout.count())},
  };
}

void config(session& client, call& c) {
  if (!same_word(c.arguments[1], "get")) return unknown_subcommand(c, "CONFIG");
  if (c.arguments.size() < 3) return wrong_number_of_arguments(c.out, "config|get");
  std::map<std::string, std::string> found;
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto wanted = c.arguments[i];
    const bool pattern = wanted.find_first_of("*?[") != std::string_view::npos;
    for (const auto& [name, setting] : settings(client.home().options)) {
      if (pattern && glob_matches(lowercase(wanted), name)) found.emplace(name, setting);
      if (!pattern && same_word(wanted, name)) found.emplace(wanted, setting);  // as it was asked
    }
  }
  c.out.array(2 * found.size());
  for (const auto& [name, setting] : found) {
    c.out.bulk(name);
    c.out.bulk(setting);
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

void command_info(session& client, call& c) {
  c.out.array(c.arguments.size() - 2);
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto* const found = client.home().commands.find(c.arguments[i]);
    found != nullptr ? describe(*found, c.out) : c.out.null_array();
  }
}

void command_list(session& client, call& c) {
  const auto all = client.home().commands.all();
  c.out.array(all.size());
  for (const auto* const each : all) describe(*each, c.out);
}

// COMMAND [COUNT | INFO [name...] | DOCS [name...] | LIST]
void command_command(session& client, call& c) {
  if (c.arguments.size() == 1) return command_list(client, c);
  const auto word = c.arguments[1];
  const auto& commands = client.home().commands;
  if (same_word(word, "info")) {
    c.arguments.size() == 2 ? command_list(client, c) : command_info(client, c);
  } else if (same_word(word, "docs")) {
    c.out.array(0);
  } else if (same_word(word, "count") && c.arguments.size() == 2) {
    c.out.integer(static_cast<std::int64_t>(commands.all().size()));
  } else if (same_word(word, "list") && c.arguments.size() == 2) {
    c.out.array(commands.all().size());
    for (const auto* const each : commands.all()) c.out.bulk(each->name);
  } else if (same_word(word, "count")) {
    wrong_number_of_arguments(c.out, "command|count");
  } else {
    unknown_subcommand(c, "COMMAND");
  }
}

constexpr key_positions no_keys{};

constexpr std::array all{
    command{"command", -1, 0, no_keys, on_session{command_command}},
    command{"config", -2, flag::admin, no_keys, on_session{config}},
    command{"info", -1, 0, no_keys, on_session{info}},
};

}  // namespace

std::span<const command> server_commands() { return all; }

}  // namespace kv
