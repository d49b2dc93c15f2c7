// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_random_commands.hpp>

#include <cctype>
#include <string_view>

namespace kv::test {
std::string random_commands::key() {
  static const words names{"a", "b", "c", "d", "key:1", "key:2", "Key", "x y", "", "{tag}e"};
  return one_of(names);
}

std::string random_commands::text() {
  static const words texts{"",    "0",   "1",     "-1",  "10", "007", "9223372036854775807",
                           "x",   "abc", "hello", "1.5", "+1", " 1",  "-9223372036854775808",
                           "é\n", "-0",  "a\r\nb"};
  if (once_in(8)) return std::string(below(300), static_cast<char>('a' + below(26)));
  if (once_in(8)) return std::string("\0\xff\x01", 3);
  return one_of(texts);
}

std::string random_commands::number() {
  static const words odd{"9223372036854775807",
                         "-9223372036854775808",
                         "9223372036854775808",
                         "abc",
                         "",
                         "1.0",
                         "01",
                         "-0",
                         "+2",
                         "99999999999999999999",
                         "1 "};
  if (once_in(6)) return one_of(odd);
  return std::to_string(static_cast<std::int64_t>(below(20)) - 8);
}

// Far away, gone, or wrong: nothing that is due while the test runs.
std::string random_commands::time() {
  static const words odd{"0",
                         "-1",
                         "-100000",
                         "abc",
                         "9223372036854775807",
                         "-9223372036854775807",
                         "9223372036854775",
                         "9223372036854776",
                         "1.5"};
  if (once_in(3)) return one_of(odd);
  return std::to_string(100'000'000 + below(1'000'000'000));
}

// No time twice: which of two equal ones is greater depends on the millisecond each server is in.
std::string random_commands::time_to_compare() {
  return std::to_string(100'000'000'000 + below(1'000'000'000'000));
}

std::string random_commands::any_case(std::string word) {
  if (!once_in(4)) return word;
  for (auto& c : word) {
    if (once_in(2)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

random_command random_commands::next() {
  random_command result;
  switch (below(20)) {
    case 0:
      result = broken_command();
      break;
    case 1:
    case 2:
      result = many_keys_command();
      break;
    case 3:
    case 4:
    case 5:
      result = expiry_command();
      break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      result = read_command();
      break;
    default:
      result = write_command();
      break;
  }
  result.arguments[0] = any_case(result.arguments[0]);
  return result;
}

random_command random_commands::read_command() {
  switch (below(16)) {
    case 0:
    case 1:
      return {{"get", key()}};
    case 2:
      return {{"strlen", key()}};
    case 3:
      return {{"llen", key()}};
    case 4:
      return {{"lrange", key(), number(), number()}};
    case 5:
      return {{"lrange", key(), "0", "-1"}};
    case 6:
      return {{"scard", key()}};
    case 7:
      return {{"smembers", key()}, comparison::any_order};
    case 8:
      return {{"sismember", key(), text()}};
    case 9:
      return {{"hget", key(), text()}};
    case 10:
      return {{"hgetall", key()}, comparison::any_order_pairs};
    case 11:
      return {{"hlen", key()}};
    case 12:
      return {{"hexists", key(), text()}};
    case 13:
      return {{"type", key()}};
    case 14:
      return {{"ttl", key()}, comparison::about_a_time};
    default:
      return {{"pttl", key()}, comparison::about_a_time};
  }
}

random_command random_commands::write_command() {
  switch (below(20)) {
    case 0:
    case 1:
      return {{"set", key(), text()}};
    case 2:
      return {{"set", key(), std::to_string(below(100))}};
    case 3:
      return {{"incr", key()}};
    case 4:
      return {{"decr", key()}};
    case 5:
      return {{"incrby", key(), number()}};
    case 6:
      return {{"decrby", key(), number()}};
    case 7:
      return {{"append", key(), text()}};
    case 8:
      return {{"getdel", key()}};
    case 9:
      return {{"lpush", key(), text()}};
    case 10:
      return {{"rpush", key(), text(), text(), text()}};
    case 11:
      return {{one_of({"lpop", "rpop"}), key()}};
    case 12:
      return {{one_of({"lpop", "rpop"}), key(), number()}};
    case 13:
      return {{"sadd", key(), text()}};
    case 14:
      return {{"sadd", key(), text(), text()}};
    case 15:
      return {{"srem", key(), text(), text()}};
    case 16:
      return {{"hset", key(), text(), text()}};
    case 17:
      return {{"hset", key(), text(), text(), text(), text()}};
    case 18:
      return {{"hdel", key(), text(), text()}};
    default:
      return {{"del", key()}};
  }
}

random_command random_commands::expiry_command() {
  switch (below(8)) {
    case 0:
      return {{"persist", key()}};
    case 1:
      return {{"expire", key(), time()}};
    case 2:
      return {{"pexpire", key(), time()}};
    case 3:
      return {
          {"expire", key(), time_to_compare(), any_case(one_of({"nx", "xx", "gt", "lt", "foo"}))}};
    case 4:
      return {{"pexpire", key(), time_to_compare(), one_of({"nx", "xx", "gt"}),
               one_of({"xx", "gt", "lt"})}};
    default:
      break;
  }
  words set{"set", key(), text()};
  for (auto left = 1 + below(3); left != 0; --left) {
    const auto option = one_of({"ex", "px", "exat", "pxat", "nx", "xx", "get", "keepttl", "foo"});
    set.push_back(any_case(option));
    if (option[0] == 'e' || option[0] == 'p') {
      const bool absolute = option.size() == 4;
      if (!once_in(10)) set.push_back(absolute ? "99999999999999" : time());
    }
  }
  return {std::move(set)};
}

random_command random_commands::many_keys_command() {
  const auto several = [this](const char* name) {
    words result{name};
    for (auto left = 1 + below(4); left != 0; --left) result.push_back(key());
    return result;
  };
  switch (below(8)) {
    case 0:
    case 1:
      return {several("mget")};
    case 2:
      return {several("exists")};
    case 3:
      return {several("del")};
    case 4: {
      words set{"mset"};
      for (auto left = 1 + below(3); left != 0; --left) {
        set.push_back(key());
        set.push_back(text());
      }
      if (once_in(5)) set.push_back(key());
      return {std::move(set)};
    }
    case 5:
      return {{"keys", one_of({"*", "**", "?", "key:*", "[a-c]", "[^a]", "*y*", "\\a", "K?y", ""})},
              comparison::any_order};
    case 6:
      return {{"dbsize"}};
    default:
      return {{one_of({"flushall", "flushdb"}), one_of({"sync", "async", "foo"})}};
  }
}

random_command random_commands::broken_command() {
  if (once_in(4)) {
    words unknown{one_of({"foo", "gett", "", std::string("a\0b", 3), std::string(200, 'n')})};
    for (auto left = below(5); left != 0; --left) unknown.push_back(text());
    return {std::move(unknown)};
  }
  auto result = once_in(2) ? read_command() : write_command();
  result.how = comparison::about_a_time;
  if (once_in(2)) {
    result.arguments.push_back(text());
    if (result.arguments[0] == "hset") result.arguments.push_back(text());
  } else if (result.arguments.size() > 1) {
    result.arguments.pop_back();
  }
  // These answer in an order of their own when the change made them right again.
  if (result.arguments[0] == "smembers") result.how = comparison::any_order;
  if (result.arguments[0] == "hgetall") result.how = comparison::any_order_pairs;
  return result;
}

std::string shown(const random_command& command) {
  std::string result;
  for (const auto& each : command.arguments) {
    result += '"';
    for (const char c : each) {
      if (std::isprint(static_cast<unsigned char>(c)) != 0) {
        result += c;
      } else {
        constexpr std::string_view digits = "0123456789abcdef";
        result += "\\x";
        result += digits[static_cast<unsigned char>(c) >> 4U];
        result += digits[static_cast<unsigned char>(c) & 15U];
      }
    }
    result += "\" ";
  }
  return result;
}

}  // namespace kv::test
