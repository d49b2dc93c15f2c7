// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What the tests of `ask` share.

#include <troupe/troupe.hpp>
#include <actors/quiet.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::test {

struct get {};
struct set {
  int n;
};
struct fail_now {};
struct unheard_of {};

struct cell : actor<void(set), int(get), void(fail_now), std::string(std::string)> {
  void on(set s) { n = s.n; }
  int on(get) const { return n; }
  void on(fail_now) { throw std::runtime_error("told to"); }
  std::string on(const std::string& s) { return s + s; }
  int n = 0;
};

/// The code of the std::system_error that `f` throws; none when it returns.
template <class F>
std::error_code error_of(F&& f) {
  try {
    f();
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

/// Runs `f(context&)` as an actor and returns when it has ended; what it throws fails the test.
template <class F>
void as_actor(system& sys, F f) {
  std::atomic<bool> done{false};
  sys.spawn([&](context& self) {
    try {
      f(self);
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    done = true;
    done.notify_all();
  });
  done.wait(false);
}

/// Reads requests and never answers in time: the request is kept until it ends.
inline void mute(context& self) {
  self.receive([&](get) {
    self.receive([](set) {});
    return 1;
  });
}

}  // namespace troupe::test
