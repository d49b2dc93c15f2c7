// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/store.hpp>
#include <examples/kv_server/service/clock.hpp>
#include <examples/kv_server/service/messages.hpp>

#include <cstddef>
#include <optional>

namespace kv {

struct keys_are_due {};

/// Holds a part of the keys. Executes the requests of exchanges that are handed to it, and removes
/// keys when they expire, whether anybody asks for them or not.
class shard : public troupe::actor<handover(handover), shard_statistics(get_shard_statistics),
                                   void(keys_are_due)> {
 public:
  shard(share mine, std::size_t longest_string, const steady_calendar& calendar)
      : mine_(mine), keys_(longest_string), calendar_(calendar) {}

  handover on(handover&& message);
  shard_statistics on(const get_shard_statistics& message);
  void on(const keys_are_due& message);

 private:
  void arm_timer();

  share mine_;
  store keys_;
  const steady_calendar& calendar_;
  troupe::timer timer_;
  std::optional<milliseconds_since_epoch> armed_for_;
};

}  // namespace kv
