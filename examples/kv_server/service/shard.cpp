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
  keys_.remove_expired(at_a_time);
  arm_timer();
}

// One timer for all keys: for the one that expires first.
void shard::arm_timer() {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  const auto next = keys_.next_expiry();
  if (!next) return;
  const auto when = std::min(*next, keys_.now() + longest.count());
  if (armed_for_ && *armed_for_ <= when) return;
  try {
    if (armed_for_) timer_.cancel();
    armed_for_.reset();
    const std::chrono::milliseconds wait(when - keys_.now());
    if (wait.count() > 0) {
      timer_ = self().send_after(wait, self().ref(), keys_are_due{});
    } else {
      self().ref().send(keys_are_due{});
    }
    armed_for_ = when;
  } catch (const std::exception&) {
    // Memory ran out: the next request tries again. What has expired is gone for everybody
    // meanwhile.
  }
}

}  // namespace kv
