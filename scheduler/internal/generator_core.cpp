// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/detail/generator_core.hpp>

#include <troupe/scheduler/internal/stack_overflow.hpp>
#include <troupe/scheduler/internal/switch.hpp>

#include <stdexcept>
#include <utility>

namespace troupe::detail {
namespace {

/// Thrown at the point where the body of a destroyed generator waits. Names the generator, because
/// it may pass through the bodies of others that iterate inside that one. No std::exception: only
/// `catch (...)` gets to see it.
struct generator_unwind {
  const generator_core* target;
};

}  // namespace

generator_core::generator_core(std::size_t stack_size)
    : generator_(raw_generator::create(stack_size, &enter, this, stack_use::generator)) {}

generator_core::~generator_core() {
  if (generator_ != nullptr) raw_generator::destroy(generator_);
}

void generator_core::resume() {
  if (caller_ != nullptr) {
    throw std::logic_error("troupe: a generator was iterated by its own body");
  }
  if (generator_ == nullptr) return;
  ensure_overflow_report();
  go_on();
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void generator_core::suspend() {
  if (caller_ == nullptr) {
    throw std::logic_error("troupe: a generator's yielder was called outside its body");
  }
  if (!cancelled_) switch_to(*generator_, *caller_);
  // A second exception out of a destructor that runs because of the first would end the process.
  if (cancelled_ && std::uncaught_exceptions() == 0) throw generator_unwind{this};
}

void generator_core::cancel() noexcept {
  if (caller_ != nullptr) std::terminate();  // a generator was destroyed by its own body
  if (generator_ == nullptr || !started_) return;
  cancelled_ = true;
  go_on();
  error_ = nullptr;
}

/// Runs the body to its next suspension or its end; in the latter case the stack goes back.
void generator_core::go_on() {
  root_generator here;  // whatever stack this is: a thread's, an actor's or another generator's
  caller_ = &here;
  started_ = true;
  switch_to(here, *generator_);
  caller_ = nullptr;
  if (finished_) raw_generator::destroy(std::exchange(generator_, nullptr));
}

void generator_core::enter(void* self) {
  auto& core = *static_cast<generator_core*>(self);
  core.run_caught();
  core.finished_ = true;
  finish(*core.generator_, *core.caller_);
}

void generator_core::run_caught() noexcept {
  try {
    run();
  } catch (const generator_unwind& unwind) {
    if (unwind.target != this) error_ = std::current_exception();
  } catch (...) {
    error_ = std::current_exception();
  }
}

}  // namespace troupe::detail
