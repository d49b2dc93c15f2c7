// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace examples {

/// Says on stderr why connections were given up: one line a second, whoever may cause them, with
/// the number of those that were left out before it. Thread-safe.
class complaints {
 public:
  explicit complaints(std::string program) : program_(std::move(program)) {}

  /// Allocates nothing: a server must not end because it cannot complain.
  void say(const char* reason) noexcept;
  void say(const troupe::exit_reason& reason) noexcept;

  /// Whose complaints they are.
  const std::string& program() const noexcept { return program_; }

 private:
  using clock = std::chrono::steady_clock;

  std::string program_;
  // Both relaxed: nothing is published by them.
  std::atomic<clock::time_point> next_{clock::time_point::min()};
  std::atomic<std::uint64_t> left_out_{0};
};

/// Whether it is what a call throws when the service stops: no failure of its own.
[[nodiscard]] bool is_about_stopping(const std::exception& problem) noexcept;

/// Whether an error says no more than that the peer has gone (it closed its connection, or reset
/// it), or that the service stops: no failure that is worth a line.
[[nodiscard]] bool is_mere_end(const std::error_code& error) noexcept;

}  // namespace examples
