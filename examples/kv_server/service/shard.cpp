// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/service/shard.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace kv {

handover shard::on(handover&& message) {
  auto& work = *message.work;
  keys_.set_time(calendar_.now());
  try {
    if (work.next().executor == exchange::several_shards) {
      work.visit(keys_, mine_);
    } else {
      work.run_in_shard(keys_, mine_);
    }
  } catch (const std::exception&) {
    // The answer is larger than it may be, or memory ran out: that client's problem, not the keys'.
    work.fail();
  }
  arm_timer();
  return std::move(message);
}

shard_statistics shard::on(const get_shard_statistics& /*message*/) {
  return {keys_.size(), keys_.expiring(), keys_.statistics()};
}

void shard::on(const keys_are_due& /*message*/) {
  constexpr std::size_t at_a_time = 1000;  // others wait meanwhile
  keys_.set_time(calendar_.now());
  if (armed_for_ && *armed_for_ > keys_.now()) return;  // of a timer replaced as it went off
  armed_for_.reset();
  if (keys_.remove_expired(at_a_time)) {
    armed_for_ = keys_.now();
    self().ref().send(keys_are_due{});
  } else {
    arm_timer();
  }
}

// One timer for all keys: for the one that expires first.
void shard::arm_timer() {
  const auto next = keys_.next_expiry();
  if (!next || (armed_for_ && *armed_for_ <= *next)) return;
  if (armed_for_) timer_.cancel();
  armed_for_ = next;
  const std::chrono::milliseconds wait(std::max<milliseconds_since_epoch>(*next - keys_.now(), 0));
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  timer_ = self().send_after(std::min(wait, longest), self().ref(), keys_are_due{});
}

}  // namespace kv
