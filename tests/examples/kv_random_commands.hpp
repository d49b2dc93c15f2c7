// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_same_answer.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace kv::test {

/// A command, and how its answers from two servers are compared.
struct random_command {
  std::vector<std::string> arguments;
  comparison how = comparison::exact;
};

/// Draws commands on a few keys, most of them valid, some wrong in their number or kind of
/// arguments; so that types, expiry and errors meet.
class random_commands {
 public:
  explicit random_commands(std::uint64_t seed) : random_(seed) {}

  random_command next();

 private:
  using words = std::vector<std::string>;

  random_command read_command();
  random_command write_command();
  random_command expiry_command();
  random_command many_keys_command();
  random_command broken_command();

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool once_in(std::uint64_t chance) { return below(chance) == 0; }
  std::string one_of(const words& choices) { return choices[below(choices.size())]; }
  std::string key();
  std::string text();
  std::string number();
  std::string time();
  std::string time_to_compare();
  std::string any_case(std::string word);

  std::mt19937_64 random_;
};

/// For messages: the command, readable.
std::string shown(const random_command& command);

}  // namespace kv::test
