// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the tests of `monitor` share.

#include <troupe/troupe.hpp>

#include <chrono>

namespace troupe::test {

struct go {};
struct get {};

/// Counts the downs that come until a `get` sent to oneself, behind a pause, has come too.
inline int count_downs(context& self,
                       std::chrono::nanoseconds pause = std::chrono::milliseconds(2)) {
  int n = 0;
  self.send_after(pause, self.ref(), get{});
  for (bool more = true; more;) {
    self.receive([&](const down&) { ++n; }, [&](get) { more = false; });
  }
  return n;
}

/// The number of downs, of which at least one is to come.
inline int count_downs_from_one(context& self) {
  self.receive([](const down&) {});
  return 1 + count_downs(self);
}

}  // namespace troupe::test
