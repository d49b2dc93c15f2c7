// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/service/directory.hpp>
#include <examples/kv_server/service/information.hpp>
#include <examples/kv_server/service/session.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace kv {
namespace {

void ping(session& client, call& c) {
  if (c.arguments.size() > 2) return wrong_number_of_arguments(c.out, "ping");
  const bool has_text = c.arguments.size() == 2;
  if (client.subscriptions() != 0) {
    c.out.array(2);
    c.out.bulk("pong");
    c.out.bulk(has_text ? c.arguments[1] : "");
  } else if (has_text) {
    c.out.bulk(c.arguments[1]);
  } else {
    c.out.simple("PONG");
  }
}

void echo(session& /*client*/, call& c) { c.out.bulk(c.arguments[1]); }

void quit(session& client, call& c) {
  c.out.ok();
  client.close();
}

// There is one database.
void select(session& /*client*/, call& c) {
  const auto index = integer_argument(c, 1);
  if (!index) return;
  if (*index < INT32_MIN || *index > INT32_MAX) {
    return c.out.error("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  *index == 0 ? c.out.ok() : c.out.error("ERR DB index is out of range");
}

// False after answering what is wrong with the name.
bool set_name(session& client, call& c, std::string_view name) {
  const bool readable = std::all_of(name.begin(), name.end(),
                                    [](char letter) { return letter > ' ' && letter < 127; });
  if (readable) {
    client.rename(name);
  } else {
    c.out.error("ERR Client names cannot contain spaces, newlines or special characters.");
  }
  return readable;
}

void client_setname(session& client, call& c) {
  if (set_name(client, c, c.arguments[2])) c.out.ok();
}

void client_getname(session& client, call& c) {
  client.name().empty() ? c.out.null() : c.out.bulk(client.name());
}

void client_id(session& client, call& c) {
  c.out.integer(static_cast<std::int64_t>(client.client().who().id));
}

void client_info(session& client, call& c) {
  c.out.bulk(client_line(client.client(), client.name(), client.home().calendar.now()));
}

// The options of HELLO; false after answering what is wrong with them.
bool take_hello_options(session& client, call& c) {
  for (std::size_t i = 2; i < c.arguments.size(); ++i) {
    const auto left = c.arguments.size() - i - 1;
    if (same_word(c.arguments[i], "auth") && left >= 2) {
      // There is one user, who needs no password: any is right, as in Redis.
      if (c.arguments[i + 1] != "default") {
        c.out.error("WRONGPASS invalid username-password pair or user is disabled.");
        return false;
      }
      i += 2;
    } else if (same_word(c.arguments[i], "setname") && left >= 1) {
      if (!set_name(client, c, c.arguments[++i])) return false;
    } else {
      c.out.error("ERR Syntax error in HELLO option '" + std::string(shown(c.arguments[i])) + "'");
      return false;
    }
  }
  return true;
}

// HELLO [version [AUTH user password] [SETNAME name]]: how newer clients begin. Who wants to speak
// RESP3 is told that we do not, as a Redis that does not either tells it, and goes on in RESP2.
void hello(session& client, call& c) {
  if (c.arguments.size() > 1) {
    const auto version = parse_integer(c.arguments[1]);
    if (!version) return c.out.error("ERR Protocol version is not an integer or out of range");
    if (*version != 2) return c.out.error("NOPROTO unsupported protocol version");
    if (!take_hello_options(client, c)) return;
  }
  c.out.array(14);
  c.out.bulk("server");
  c.out.bulk("redis");
  c.out.bulk("version");
  c.out.bulk(redis_version);
  c.out.bulk("proto");
  c.out.integer(2);
  c.out.bulk("id");
  c.out.integer(static_cast<std::int64_t>(client.client().who().id));
  c.out.bulk("mode");
  c.out.bulk("standalone");
  c.out.bulk("role");
  c.out.bulk("master");
  c.out.bulk("modules");
  c.out.array(0);
}

// The clients that CLIENT LIST's arguments select; false after answering what is wrong with them.
bool parse_client_list(call& c, list_clients& selected) {
  using kind = list_clients::kind;
  constexpr std::array kinds{std::pair{"normal", kind::normal},
                             std::pair{"pubsub", kind::subscribed}, std::pair{"master", kind::none},
                             std::pair{"replica", kind::none}, std::pair{"slave", kind::none}};
  constexpr std::size_t most_numbers = 10'000;  // each costs a line, also the same again
  const auto count = c.arguments.size();
  if (count == 2) return true;
  if (count == 4 && same_word(c.arguments[2], "type")) {
    const auto* const found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& each) {
      return same_word(c.arguments[3], each.first);
    });
    if (found != kinds.end()) {
      selected.which = found->second;
      return true;
    }
    c.out.error("ERR Unknown client type '" + std::string(shown(c.arguments[3])) + "'");
    return false;
  }
  if (count == 3 || count > 3 + most_numbers || !same_word(c.arguments[2], "id")) {
    c.out.error(text::syntax);
    return false;
  }
  for (std::size_t i = 3; i < count; ++i) {
    const auto id = parse_integer(c.arguments[i]);
    if (!id) {
      c.out.error("ERR Invalid client ID");
      return false;
    }
    selected.only.push_back(static_cast<std::uint64_t>(*id));
  }
  return true;
}

// CLIENT LIST [TYPE type | ID number...]
void client_list(session& client, call& c) {
  list_clients selected;
  if (!parse_client_list(c, selected)) return;
  c.out.bulk(client.ask(client.home().directory, std::move(selected)));
}

void client_help(session& /*client*/, call& c) {
  help(c, "CLIENT",
       {"GETNAME", "    The name of this connection.", "ID", "    The number of this connection.",
        "INFO", "    What is known of this connection.", "LIST [TYPE <type> | ID <id> [<id> ...]]",
        "    What is known of all connections, or of those selected.", "SETNAME <name>",
        "    Gives this connection a name."});
}

constexpr std::array client_subcommands{
    subcommand{"client|getname", 2, client_getname},
    subcommand{"client|help", 2, client_help},
    subcommand{"client|id", 2, client_id},
    subcommand{"client|info", 2, client_info},
    subcommand{"client|list", -2, client_list},
    subcommand{"client|setname", 3, client_setname},
};

// A microsecond or two of a core.
void burn() {
  volatile int left = 1000;
  while (left > 0) left = left - 1;
}

// Our own: keeps a core busy without ever waiting, to see how others fare. CLIENT LIST shows how
// far it has come.
void spin(session& client, call& c) {
  constexpr std::int64_t longest = 60'000;
  const auto time = integer_argument(c, 1);
  if (!time) return;
  if (*time < 0 || *time > longest) {
    return c.out.error("ERR value is out of range, value must between 0 and " +
                       std::to_string(longest));
  }
  auto now = std::chrono::steady_clock::now();
  const auto end = now + std::chrono::milliseconds(*time);
  for (auto look = now; now < end && !client.home().stopping.load(std::memory_order_relaxed);
       now = std::chrono::steady_clock::now()) {
    if (now >= look) {
      if (client.peer_is_gone()) return client.close();
      look = now + between_looks;
    }
    burn();
    client.spun();
  }
  c.out.ok();
}

constexpr key_positions no_keys{};

constexpr std::array all{
    command{"client", -2, flag::admin, no_keys, on_session{nullptr}, client_subcommands},
    command{"echo", 2, flag::fast, no_keys, on_session{echo}},
    command{"hello", -1, flag::fast, no_keys, on_session{hello}},
    command{"ping", -1, flag::fast | flag::when_subscribed, no_keys, on_session{ping}},
    command{"quit", -1, flag::fast | flag::when_subscribed, no_keys, on_session{quit}},
    command{"select", 2, flag::fast, no_keys, on_session{select}},
    command{"spin", 2, flag::admin, no_keys, on_session{spin}},
};

}  // namespace

std::span<const command> connection_commands() { return all; }

}  // namespace kv
