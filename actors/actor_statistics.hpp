// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/priority.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe {

/// What an actor does.
enum class actor_state : std::uint8_t {
  idle,       ///< nothing: it has no message, and is not in the middle of anything
  runnable,   ///< it waits for its turn, or runs
  preempted,  ///< it is stopped in the middle of its behavior until it is its turn again
  unbound,    ///< it runs without a worker: blocked, or let go
  returning,  ///< it has come back from there, and waits for a worker
  receiving,  ///< it waits for a message, in receive
  waiting,    ///< it waits in another call: ask, sleep_for, counter::wait, a socket, a full mailbox
};

/// One readable phrase.
const char* to_string(actor_state state) noexcept;

/// How an actor uses a generator, a stack that is left and returned to.
enum class run_mode : std::uint8_t {
  no_generator,  ///< it has none: when a message comes, its handler is simply called
  switched,  ///< Switch mode: a handler that waits, or is stopped, in the middle keeps one until
             ///< it is done
  poll,      ///< Poll mode: a direct-style body keeps one for as long as the actor lives
};

/// One readable word.
const char* to_string(run_mode mode) noexcept;

/// One actor, at the moment when it was looked at.
struct actor_statistics {
  std::uint64_t id;  ///< any_ref::id()
  std::string name;  ///< spawn_options::name, or empty
  std::string type;  ///< readable C++ type of its behavior
  priority prio;
  actor_state state;
  run_mode mode;
  std::uint64_t preemptions;  ///< times it was frozen
  std::uint64_t unbinds;      ///< times it was left to go on without a worker
  std::uint64_t deferrals;    ///< tries to stop it that were put off; those within the runtime only
                              ///< as far as its behavior went on after them
  std::uint64_t rescues;      ///< times it was frozen, and let go on because a worker stood still
  std::chrono::microseconds fresh_quantum;  ///< its own, or else the system's
  std::chrono::microseconds batch_quantum;  ///< its own, or else the system's
};

}  // namespace troupe
