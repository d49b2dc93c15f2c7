// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::bench {

enum class busy_kind {
  arithmetic,  ///< computes in registers
  alloc,       ///< allocates, throws, formats, takes a std::mutex that all of them share
  blocked,     ///< sits in read(2) on a pipe
};

[[nodiscard]] busy_kind busy_kind_named(const std::string& name);

/// Actors each of which runs one endless behavior that never waits, until all are told to stop.
class busy_actors {
 public:
  busy_actors(system& sys, std::size_t count, busy_kind kind);
  /// Tells them to stop, and blocks until they have ended.
  ~busy_actors();
  busy_actors(const busy_actors&) = delete;
  busy_actors& operator=(const busy_actors&) = delete;

  /// Blocks until each has begun, or the limit passes: false then.
  [[nodiscard]] bool wait_until_begun(std::chrono::milliseconds limit) const;

  /// The units of work that each has done so far. A moment's truth.
  [[nodiscard]] std::vector<std::uint64_t> work() const;

  void tell_to_stop();
  /// After tell_to_stop(): blocks until they have ended, and throws oracle_error when one of them
  /// has computed, read or found in memory what is not right.
  void wait_and_check();

  struct shared;  // by all of them; lives as long as one of them does

 private:
  std::shared_ptr<shared> shared_;
};

}  // namespace troupe::bench
