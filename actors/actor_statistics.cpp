// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/actor_statistics.hpp>

namespace troupe {

const char* to_string(actor_state state) noexcept {
  switch (state) {
    case actor_state::idle:
      return "idle";
    case actor_state::runnable:
      return "runnable or running";
    case actor_state::preempted:
      return "preempted";
    case actor_state::unbound:
      return "runs without a worker";
    case actor_state::returning:
      return "waits for a worker";
    case actor_state::receiving:
      return "waiting for a message";
    case actor_state::waiting:
      return "waiting in a call";
  }
  return "unknown";
}

const char* to_string(run_mode mode) noexcept {
  switch (mode) {
    case run_mode::no_generator:
      return "none";
    case run_mode::switched:
      return "switch";
    case run_mode::poll:
      return "poll";
  }
  return "unknown";
}

}  // namespace troupe
