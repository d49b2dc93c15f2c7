// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <exception>

namespace troupe::detail {

class raw_generator;

/// What of a troupe::generator<T> does not depend on T: the stack that the body runs on, and how
/// control goes back and forth between it and whoever iterates.
class generator_core {
 public:
  generator_core(const generator_core&) = delete;
  generator_core& operator=(const generator_core&) = delete;
  /// The body has ended, was cancelled, or never started.
  virtual ~generator_core();

  /// Called by who iterates: runs the body until it suspends or ends; throws what it threw.
  void resume();

  /// Called by the body: goes back to who iterates. Throws when the generator is being destroyed.
  void suspend();

  /// Unwinds the body if it has started and not ended. Call it before the body is destroyed.
  void cancel() noexcept;

  bool started() const noexcept { return started_; }
  bool ended() const noexcept { return generator_ == nullptr; }

 protected:
  /// Throws std::system_error when there is no memory for the stack.
  explicit generator_core(std::size_t stack_size);

 private:
  /// The body.
  virtual void run() = 0;

  static void enter(void* self);
  void run_caught() noexcept;
  void go_on();

  raw_generator* generator_;
  raw_generator* caller_ = nullptr;  ///< who iterates, while the body runs
  std::exception_ptr error_;
  bool started_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
};

}  // namespace troupe::detail
