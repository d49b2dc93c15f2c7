// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <chrono>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

namespace troupe::torture {
namespace {

using namespace std::chrono_literals;

/// Unwinding must pass each of them. Its destructor, too, throws and catches.
class passed {
 public:
  explicit passed(int& alive) : alive_(alive) { ++alive_; }
  ~passed() {
    --alive_;
    if (alive_ % 8 != 0) return;
    const int flying = std::uncaught_exceptions();
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
      labor(50);
    }
    if (std::uncaught_exceptions() != flying) std::terminate();
  }
  passed(const passed&) = delete;
  passed& operator=(const passed&) = delete;

 private:
  int& alive_;
};

[[gnu::noinline]] void descend(std::uint64_t frames, int& alive, const std::string& text) {
  const passed here(alive);
  if (frames == 0) throw std::invalid_argument(text);
  if (frames % 10 == 5) {
    try {
      descend(frames - 1, alive, text);
    } catch (const std::invalid_argument& e) {
      labor(100);
      if (text != e.what()) throw wrong_answer("an exception's text has changed on its way");
      throw;
    }
  } else {
    descend(frames - 1, alive, text);
  }
  labor(1);  // not a tail call
}

void through_many_frames(toiler& t) {
  const std::string text = "exception " + std::to_string(t.number());
  int alive = 0;
  bool caught = false;
  try {
    descend(t.up_to(60), alive, text);
  } catch (const std::invalid_argument& e) {
    caught = text == e.what();
  }
  check(caught, "an exception's text has changed");
  check(alive == 0, "unwinding has left out an object");
}

void nested(toiler& t) {
  const std::uint64_t n = t.number();
  bool caught = false;
  try {
    try {
      throw static_cast<std::uint64_t>(n);
    } catch (...) {
      labor(100);
      std::throw_with_nested(std::runtime_error("outer"));
    }
  } catch (const std::runtime_error& outer) {
    try {
      std::rethrow_if_nested(outer);
    } catch (const std::uint64_t& inner) {
      caught = inner == n;
    }
  }
  check(caught, "a nested exception has changed");
}

/// A behavior may wait in a catch block, and go on on another thread.
void kept_across_a_wait(toiler& t) {
  const std::string text = "kept " + std::to_string(t.number());
  bool caught = false;
  try {
    try {
      throw std::out_of_range(text);
    } catch (const std::out_of_range&) {
      t.self.sleep_for(std::chrono::microseconds(t.up_to(2'000)));
      labor(1'000);
      throw;
    }
  } catch (const std::exception& e) {
    caught = text == e.what();
  }
  check(caught, "an exception that was being handled has changed while its handler waited");
}

}  // namespace

void exceptions(toiler& t) {
  switch (t.up_to(9)) {
    case 0:
      return kept_across_a_wait(t);
    case 1:
    case 2:
      return nested(t);
    default:
      return through_many_frames(t);
  }
}

}  // namespace troupe::torture
