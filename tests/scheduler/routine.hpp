// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/internal/switch.hpp>

#include <cstddef>
#include <functional>
#include <thread>
#include <utility>

namespace troupe::test {

inline constexpr std::size_t stack_bytes = 256 * 1024;

/// A generator with a lambda for a body: run() goes there, leave() comes back.
class routine {
 public:
  explicit routine(std::function<void(routine&)> body)
      : body_(std::move(body)),
        self_(troupe::detail::raw_generator::create(stack_bytes, &enter, this)) {}
  ~routine() { troupe::detail::raw_generator::destroy(self_); }
  routine(const routine&) = delete;
  routine& operator=(const routine&) = delete;

  void run() {
    troupe::detail::root_generator here;
    caller_ = &here;
    troupe::detail::switch_to(here, *self_);
  }
  void leave() { troupe::detail::switch_to(*self_, *caller_); }
  void run_on_new_thread() {
    std::thread([this] { run(); }).join();
  }

  troupe::detail::raw_generator& self() { return *self_; }
  bool finished() const { return finished_; }

 private:
  static void enter(void* argument) {
    auto& r = *static_cast<routine*>(argument);
    r.body_(r);
    r.finished_ = true;
    troupe::detail::finish(*r.self_, *r.caller_);
  }

  std::function<void(routine&)> body_;
  troupe::detail::raw_generator* self_;
  troupe::detail::raw_generator* caller_ = nullptr;
  bool finished_ = false;
};

}  // namespace troupe::test
