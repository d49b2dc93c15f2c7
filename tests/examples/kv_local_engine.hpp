// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/exchange.hpp>
#include <examples/kv_server/data/store.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kv::test {

/// The commands that work on keys, over any number of shards, without actors and sockets.
class local_engine {
 public:
  explicit local_engine(std::size_t shards = 2);

  /// Executes everything in `bytes`, which ends with a complete request, and returns the answers.
  std::string execute(std::string_view bytes);

  /// Executes one command.
  std::string run(std::initializer_list<std::string_view> arguments);
  std::string run(const std::vector<std::string>& arguments);

  void set_time(milliseconds_since_epoch now);
  std::vector<store>& shards() { return shards_; }

 private:
  void step();

  command_table commands_;
  std::vector<store> shards_;
  exchange exchange_;
};

}  // namespace kv::test
