// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// An operation of Asio's that a behavior waits for. It lives on the behavior's stack, with all that
// the operation was given: so the behavior never leaves before the operation is over.
//
// Roles: the behavior; and the *context*, whichever thread runs the operation's handlers. The
// operation has *parts*: its start, its handler, and, if there is one, its cancellation. Each is
// over once; the last one ends the behavior's wait, and the context touches nothing of it
// afterwards. Orderings:
//   [part] acq_rel on `parts_`: the last part has seen what the others wrote, and publishes it.

#include <troupe/base/atomic.hpp>
#include <troupe/base/clock.hpp>

#include <asio/associated_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/post.hpp>
#include <asio/system_executor.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe::io::detail {

class wake_up;

class operation {
 public:
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  /// One part is over. The context's, but for what start() itself ends.
  void end_part() noexcept;

  asio::cancellation_slot slot() noexcept { return signal_.slot(); }
  /// The part that cancels.
  void emit() noexcept;
  /// Why it could not be started. Written by the start, before its end.
  void fail_start() noexcept { start_failure_ = std::current_exception(); }

 protected:
  /// Throws std::logic_error when no behavior calls, actor_exit.
  explicit operation(std::uint64_t deadline_ns);
  ~operation();

  /// Waits until all parts are over. When the deadline passes, or the actor is asked to end, it is
  /// cancelled first. Throws actor_exit, then, and what the start threw.
  void await();
  /// The deadline passed before it was over.
  bool expired() const noexcept { return expired_; }

  /// How to let emit() run in the context; nullptr: not at all.
  void (*post_emit_)(operation&) = nullptr;

 private:
  void cancel() noexcept;
  void await_end() noexcept;

  std::unique_ptr<wake_up> wake_up_;
  std::uint64_t deadline_ns_;
  troupe::detail::atomic<std::uint32_t> parts_{2};  // start, handler
  bool expired_ = false;
  asio::cancellation_signal signal_;
  std::exception_ptr start_failure_;
};

/// The same, for one list of results.
template <class... Results>
class operation_with : public operation {
 public:
  using results = std::tuple<std::decay_t<Results>...>;

  template <class... Values>
  void complete(Values&&... values) noexcept {
    try {
      results_.emplace(std::forward<Values>(values)...);
    } catch (...) {
      failure_ = std::current_exception();
    }
    end_part();
  }

 protected:
  using operation::operation;
  ~operation_with() = default;

  /// Nothing when the handler was destroyed without having been called. Throws what the results'
  /// constructors threw.
  std::optional<results>& answer() {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    return results_;
  }

 private:
  std::optional<results> results_;
  std::exception_ptr failure_;
};

/// The completion handler: owns the handler's part of the operation. To move it is trivial, so it
/// does not matter where Asio does.
template <class... Results>
class completion {
 public:
  using cancellation_slot_type = asio::cancellation_slot;

  explicit completion(operation_with<Results...>& of) noexcept : operation_(&of) {}
  completion(completion&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
  completion& operator=(completion&&) = delete;
  ~completion() {
    if (operation_ != nullptr) operation_->end_part();
  }

  cancellation_slot_type get_cancellation_slot() const noexcept { return operation_->slot(); }

  template <class... Values>
  void operator()(Values&&... values) noexcept {
    std::exchange(operation_, nullptr)->complete(std::forward<Values>(values)...);
  }

 private:
  operation_with<Results...>* operation_;
};

/// An operation together with what starts it and where.
template <class Executor, class Begin, class... Results>
class started_operation final : public operation_with<Results...> {
  using base = operation_with<Results...>;

 public:
  /// `begin(completion)` starts it.
  started_operation(std::uint64_t deadline_ns, Executor executor, Begin& begin)
      : base(deadline_ns), executor_(std::move(executor)), begin_(begin) {}

  /// Starts it, and waits for its results.
  std::optional<typename base::results>& perform() {
    if constexpr (has_context) {
      this->post_emit_ = [](operation& o) { static_cast<started_operation&>(o).post_emit(); };
      post_start();
    } else {
      start();
    }
    this->await();
    return this->answer();
  }
  using base::expired;

 private:
  /// What stands for "none given": then it is started here, and cannot be cancelled.
  static constexpr bool has_context = !std::is_same_v<Executor, asio::system_executor>;

  void start() noexcept {
    try {
      begin_(completion<Results...>(*this));
    } catch (...) {
      this->fail_start();
    }
    this->end_part();
  }

  /// A part of the operation on its way to the context, which may throw it away.
  template <void (started_operation::*run)() noexcept, void (started_operation::*drop)() noexcept>
  class errand {
   public:
    explicit errand(started_operation& of) noexcept : operation_(&of) {}
    errand(errand&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
    errand& operator=(errand&&) = delete;
    ~errand() {
      if (operation_ != nullptr) (operation_->*drop)();
    }
    void operator()() noexcept { (std::exchange(operation_, nullptr)->*run)(); }

   private:
    started_operation* operation_;
  };

  void drop_start() noexcept {
    this->end_part();
    this->end_part();  // there will be no handler
  }
  void run_emit() noexcept { this->emit(); }
  void drop_emit() noexcept { this->end_part(); }

  // Out of line: what Asio keeps in thread_locals must not stay in a register across the wait. An
  // errand that could not be posted has been dropped.
  [[gnu::noinline]] void post_start() {
    try {
      asio::post(executor_,
                 errand<&started_operation::start, &started_operation::drop_start>(*this));
    } catch (...) {
      this->fail_start();
    }
  }
  [[gnu::noinline]] void post_emit() noexcept {
    try {
      asio::post(executor_,
                 errand<&started_operation::run_emit, &started_operation::drop_emit>(*this));
    } catch (...) {  // no memory: it ends when it ends
    }
  }

  Executor executor_;
  Begin& begin_;
};

}  // namespace troupe::io::detail
