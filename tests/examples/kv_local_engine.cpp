// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_local_engine.hpp>
#include <examples/kv_request.hpp>
#include <examples/kv_server/commands/support.hpp>

#include <algorithm>
#include <stdexcept>

namespace kv::test {

local_engine::local_engine(std::size_t shards)
    : commands_{string_commands(), list_commands(), set_commands(),
                hash_commands(),   key_commands(),  scan_commands()},
      shards_(shards),
      exchange_(exchange_limits{}) {}

std::string local_engine::execute(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = exchange_.in.room();
    const auto count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.data(), count, room.data());
    exchange_.in.commit(count);
    bytes.remove_prefix(count);
  }
  if (exchange_.in.parse() != request_reader::state::ok) throw std::runtime_error("not RESP");
  exchange_.plan(commands_, shards_.size());
  while (!exchange_.done()) step();
  exchange_.clear();
  std::string answers(exchange_.out.view());
  exchange_.out.clear();
  return answers;
}

void local_engine::step() {
  const auto next = exchange_.next();
  if (next.executor == exchange::several_shards) {
    const bool valid = exchange_.begin_visits();
    if (!valid) return exchange_.advance();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const share mine{i, shards_.size()};
      if (exchange_.concerns(mine)) exchange_.visit(shards_[i], mine);
    }
    exchange_.end_visits();
  } else if (next.executor != exchange::connection) {
    exchange_.run_in_shard(shards_[next.executor], {next.executor, shards_.size()});
  } else {
    auto c = exchange_.begin_next();
    next.what == nullptr ? unknown_command(c) : wrong_number_of_arguments(c.out, next.what->name);
    exchange_.advance();
  }
}

std::string local_engine::run(std::initializer_list<std::string_view> arguments) {
  return execute(request({arguments.begin(), arguments.end()}));
}

std::string local_engine::run(const std::vector<std::string>& arguments) {
  return execute(request({arguments.begin(), arguments.end()}));
}

void local_engine::set_time(milliseconds_since_epoch now) {
  for (auto& each : shards_) each.set_time(now);
}

}  // namespace kv::test
