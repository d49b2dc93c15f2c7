// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <future>
#include <utility>

namespace troupe::test {

/// Runs `body(context&)` as an actor and waits for its end. What leaves the body is thrown here.
template <class Body>
void in_actor(troupe::system& sys, Body&& body) {
  std::promise<void> ended;
  auto end = ended.get_future();
  static_cast<void>(sys.spawn([&](context& self) {
    try {
      body(self);
      ended.set_value();
    } catch (...) {
      ended.set_exception(std::current_exception());
    }
  }));
  end.get();
}

}  // namespace troupe::test
