// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/context.hpp>
#include <troupe/actors/detail/outside_handler.hpp>
#include <troupe/actors/detail/spawn.hpp>
#include <troupe/scheduler/actor_exit.hpp>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/error.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

namespace troupe::detail {

template <class Body>
inline constexpr bool takes_context = std::is_invocable_v<Body&, context&>;

template <class Body, bool = takes_context<Body>>
struct async_result_type {
  using type = std::decay_t<std::invoke_result_t<Body&, context&>>;
};
template <class Body>
struct async_result_type<Body, false> {
  using type = std::decay_t<std::invoke_result_t<Body&>>;
};
template <class Body>
using async_result_of = typename async_result_type<Body>::type;

template <class Result>
struct async_signature_type {
  static_assert(std::is_default_constructible_v<Result>,
                "troupe: async_run answers a Result{} beside an exception");
  using type = void(std::exception_ptr, Result);
};
template <>
struct async_signature_type<void> {
  using type = void(std::exception_ptr);
};
template <class Result>
using async_signature = typename async_signature_type<Result>::type;

/// Whom to ask to end when the operation is cancelled, which may happen before there is somebody.
/// Any thread.
class cancellation_target {
 public:
  void cancel() {
    any_ref whom;
    {
      const std::scoped_lock hold(lock_);
      is_cancelled_ = true;
      whom = actor_;
    }
    if (whom) whom.kill();
  }
  void set(const any_ref& actor) {
    bool is_late = false;
    {
      const std::scoped_lock hold(lock_);
      actor_ = actor;
      is_late = is_cancelled_;
    }
    if (is_late) actor.kill();
  }

 private:
  std::mutex lock_;
  any_ref actor_;
  bool is_cancelled_ = false;
};

/// The right to complete an operation, once. One that goes unused, because its actor has not even
/// begun, says so.
template <class Handler, class Result>
class async_end {
  using waiting = outside_handler_of<Handler, Result>;

 public:
  explicit async_end(Handler handler) {
    auto made = std::make_shared<waiting>(std::move(handler));
    auto all = made->company();
    handler_ = made.get();  // not owned: it goes with its context
    if (all->add(std::move(made))) handlers_ = std::move(all);
  }
  async_end(async_end&& other) noexcept
      : handlers_(std::move(other.handlers_)), handler_(other.handler_) {}
  async_end& operator=(async_end&&) = delete;
  ~async_end() {
    if (handlers_ != nullptr) fail(aborted());
  }

  static std::exception_ptr aborted() noexcept {
    try {
      throw std::system_error(asio::error::operation_aborted, "troupe: the actor was asked to end");
    } catch (...) {  // also when there is no memory for the text
      return std::current_exception();
    }
  }

  void fail(std::exception_ptr failure) noexcept { finish(std::move(failure)); }
  template <class... Value>
  void finish(std::exception_ptr failure, Value&&... value) noexcept {
    const auto all = std::exchange(handlers_, nullptr);
    if (all == nullptr) return;
    all->finish(handler_, [&](outside_handler& found) noexcept {
      static_cast<waiting&>(found).keep(std::move(failure), std::forward<Value>(value)...);
    });
  }

 private:
  std::shared_ptr<outside_handlers> handlers_;
  outside_handler* handler_ = nullptr;
};

/// Calls the function, and destroys it. By a scope, so that it is destroyed while an
/// exception unwinds it, as any other object of the behavior's.
template <class Body>
async_result_of<Body> call_once(context& self, std::optional<Body>& body) {
  struct scope {
    std::optional<Body>& called;
    ~scope() { called.reset(); }
  } const end{body};
  if constexpr (takes_context<Body>) {
    return (*body)(self);
  } else {
    return (*body)();
  }
}

/// Calls the function in the actor, and completes when the function and what it owns are gone.
template <class Body, class End>
void run_async(context& self, std::optional<Body>& body, End& end) {
  try {
    if constexpr (std::is_void_v<async_result_of<Body>>) {
      call_once(self, body);
      end.finish(nullptr);
    } else {
      end.finish(nullptr, call_once(self, body));
    }
  } catch (const actor_exit&) {
    end.fail(End::aborted());
    throw;
  } catch (...) {
    end.fail(std::current_exception());
  }
}

struct start_async_run {
  system_core* home;

  template <class Handler, class Body>
  void operator()(Handler handler, Body body) const {
    using end = async_end<Handler, async_result_of<Body>>;
    auto target = std::make_shared<cancellation_target>();
    // Before the actor can complete it, and others use the slot.
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([target](asio::cancellation_type) { target->cancel(); });
    }
    auto last = std::make_shared<end>(std::move(handler));
    try {
      target->set(spawn_direct<>(*home, spawn_options{.name = "async_run"},
                                 [last, once = std::optional<Body>(std::move(body))](
                                     context& self) mutable { run_async(self, once, *last); }));
    } catch (...) {
      last->fail(std::current_exception());
    }
  }
};

}  // namespace troupe::detail
