// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>

#include <string>

namespace kv {
namespace {

constexpr std::size_t most_of_a_name = 128;

std::string_view shown_name(std::string_view name) { return shown(name).substr(0, most_of_a_name); }

}  // namespace

void wrong_number_of_arguments(reply_buffer& out, std::string_view name) {
  out.error("ERR wrong number of arguments for '" + std::string(name) + "' command");
}

void unknown_command(call& c) {
  std::string given;
  for (std::size_t i = 1; i < c.arguments.size() && given.size() < most_of_a_name; ++i) {
    const auto next = shown(c.arguments[i]).substr(0, most_of_a_name - given.size());
    given.append("'").append(next).append("' ");
  }
  c.out.error("ERR unknown command '" + std::string(shown_name(c.arguments[0])) +
              "', with args beginning with: " + given);
}

void unknown_subcommand(call& c, std::string_view name) {
  std::string capital(name);
  for (auto& letter : capital) letter = static_cast<char>(letter - 'a' + 'A');
  c.out.error("ERR unknown subcommand '" + std::string(shown_name(c.arguments[1])) + "'. Try " +
              capital + " HELP.");
}

void help(call& c, std::string_view name, std::initializer_list<std::string_view> lines) {
  c.out.array(lines.size() + 3);
  c.out.simple(std::string(name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const auto line : lines) c.out.simple(line);
  c.out.simple("HELP");
  c.out.simple("    Print this help.");
}

bool too_long_a_pattern(call& c, std::size_t index) {
  const bool too_long = c.arguments[index].size() > c.longest_pattern;
  if (too_long) c.out.error(text::pattern_too_long);
  return too_long;
}

std::optional<std::int64_t> integer_argument(call& c, std::size_t index) {
  const auto number = parse_integer(c.arguments[index]);
  if (!number) c.out.error(text::not_an_integer);
  return number;
}

}  // namespace kv
