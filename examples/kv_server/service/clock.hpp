// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/data/store.hpp>

#include <chrono>

namespace kv {

/// The time of day as it was when the program started, advanced by a clock that never jumps: keys
/// expire when they should even if somebody sets the time of day.
class steady_calendar {
 public:
  [[nodiscard]] milliseconds_since_epoch now() const {
    return offset_ + milliseconds(std::chrono::steady_clock::now().time_since_epoch());
  }

 private:
  template <class Duration>
  static milliseconds_since_epoch milliseconds(Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  }

  milliseconds_since_epoch offset_ =
      milliseconds(std::chrono::system_clock::now().time_since_epoch()) -
      milliseconds(std::chrono::steady_clock::now().time_since_epoch());
};

}  // namespace kv
