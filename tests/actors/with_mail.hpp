// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the tests of `receive` share.

#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>

namespace troupe::test {

struct number {
  int n;
};
struct text {
  std::string s;
};
struct go {};
struct get {};

/// Runs a body as an actor whose mailbox already holds what `fill(any_ref)` has sent; returns when
/// it has ended.
template <class Fill, class Body>
void with_mail(Fill fill, Body body, system_options options = {}) {
  if (!options.on_failure) {
    options.on_failure = [](const failure& f) { ADD_FAILURE() << f.what; };
  }
  system sys(std::move(options));
  std::atomic<bool> filled{false};
  const any_ref a = sys.spawn([&](context& self) {
    while (!filled) self.yield();
    body(self);
  });
  fill(a);
  filled = true;
  sys.await_actors();
}

inline void send_numbers(const any_ref& to, int first, int last) {
  for (int i = first; i <= last; ++i) to.send(number{i});
}

}  // namespace troupe::test
