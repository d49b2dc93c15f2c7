// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/exchange.hpp>

#include <variant>

namespace kv {

void exchange::plan(const command_table& commands, std::size_t shards) {
  for (const auto& request : in.requests().subspan(steps_.size())) {
    const auto given = in.arguments_of(request);
    step next;
    next.what = commands.find(given[0]);
    next.right_count = next.what != nullptr && next.what->accepts(given.size());
    if (next.right_count) {
      next.executor = executor(*next.what, in.argument_list(request), given, shards);
    }
    steps_.push_back(next);
  }
  count_lists();
}

std::uint32_t exchange::executor(const command& what, std::span<argument> list,
                                 const arguments& given, std::size_t shards) {
  if (std::holds_alternative<on_session>(what.action)) return connection;
  if (const auto* const by_cursor = std::get_if<on_cursor>(&what.action)) {
    return static_cast<std::uint32_t>(by_cursor->shard(given, shards));
  }
  std::uint32_t result = several_shards;
  bool first = true;
  for_each_key(what, given.size(), [&](std::size_t index) {
    list[index].hash = hash_of(given[index]);
    const auto owner = static_cast<std::uint32_t>(shard_of(list[index].hash, shards));
    result = first || owner == result ? owner : several_shards;
    first = false;
  });
  return result;
}

call exchange::begin_next() {
  auto c = next_call();
  if (begun_ != nullptr) begun_->set(next().what, c.arguments);
  return c;
}

void exchange::run_in_shard(store& keys, share mine) {
  do {
    auto c = begin_next();
    const auto& action = next().what->action;
    if (const auto* const by_cursor = std::get_if<on_cursor>(&action)) {
      by_cursor->run(keys, c, mine);
      return advance();  // it may have looked at every key: the others' turn
    }
    if (const auto* const keyed = std::get_if<on_key>(&action)) {
      keyed->run(keys, c);
    } else if (begin_visits()) {
      visit(keys, mine);
      end_visits();
      continue;
    }
    advance();
  } while (!done() && next().executor == mine.shard && out.size() < send_at);
}

bool exchange::begin_visits() {
  auto c = begin_next();
  const auto& action = std::get<on_shards>(next().what->action);
  return action.valid == nullptr || action.valid(c);
}

bool exchange::concerns(share which) {
  const auto& command = *next().what;
  const auto given = next_call().arguments;
  bool found = command.keys.first == 0;
  for_each_key(command, given.size(),
               [&](std::size_t index) { found = found || which.owns(given.key(index).hash); });
  return found;
}

void exchange::visit(store& keys, share mine) {
  const auto c = next_call();
  std::get<on_shards>(next().what->action).visit(keys, c, mine, gathered_);
  count_lists();
  if (out.size() + gathered_.items.size() > limits_.output) throw output_limit_exceeded();
}

void exchange::end_visits() {
  auto c = next_call();
  std::get<on_shards>(next().what->action).finish(c, gathered_);
  gathered_.count = 0;
  gathered_.items.clear();
  gathered_.values = {};
  count_lists();
  advance();
}

void exchange::clear() {
  constexpr std::size_t kept = 4096;  // steps; the rest of an unusually long pipeline is given back
  in.drop_parsed();
  steps_.clear();
  if (steps_.capacity() > kept) steps_ = {};
  count_lists();
  next_ = 0;
}

void exchange::count_lists() {
  counted_lists_.set(steps_.capacity() * sizeof(step) +
                     gathered_.values.capacity() * sizeof(gathered::found));
}

}  // namespace kv
