// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The completion handlers of those who wait in an execution context of Asio's for actors of ours.
// The context may be destroyed while an actor is still at work: it then destroys the handlers, and
// the actor's results go nowhere.

#include <asio/associated_executor.hpp>
#include <asio/execution/context.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/execution_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe::detail {

/// A handler that waits.
class outside_handler {
 public:
  outside_handler() = default;
  outside_handler(const outside_handler&) = delete;
  outside_handler& operator=(const outside_handler&) = delete;
  virtual ~outside_handler() = default;

  /// Lets its executor call it, once; `self` owns it. When that throws, it can be tried again.
  virtual void post(std::shared_ptr<outside_handler> self) = 0;
};

/// Those of one execution context. Shared by it and by them: whoever comes later finds it closed.
class outside_handlers {
 public:
  /// Those of that context.
  static std::shared_ptr<outside_handlers> of(asio::execution_context& context);

  /// Owns the handler from here on. False: the context is being destroyed.
  bool add(std::shared_ptr<outside_handler> handler);
  /// Calls `fill(handler)`, which must not throw, and posts it, if its context is still there.
  template <class Fill>
  void finish(const outside_handler* handler, Fill fill) noexcept {
    {
      const std::scoped_lock hold(mutex_);
      const auto at = find(handler);
      if (at != handlers_.end()) fill(**at);
    }
    post(handler);
  }
  /// The context is being destroyed: waits until no handler of it is being posted.
  void close() noexcept;

 private:
  using handler_list = std::vector<std::shared_ptr<outside_handler>>;

  handler_list::iterator find(const outside_handler* handler) noexcept;
  void post(const outside_handler* handler) noexcept;
  bool try_post(const outside_handler* handler) noexcept;

  std::mutex mutex_;  // guards what follows; not taken in sections
  bool closed_ = false;
  handler_list handlers_;
};

/// A handler, the executor that it is to be called by, and what with: an exception_ptr, and the
/// Result unless that is void. All its memory is there from the begin, so that a completion does
/// not fail for the lack of it.
template <class Handler, class Result>
class outside_handler_of final : public outside_handler {
  // Decayed: of an executor that counts no work, asio::prefer() answers a reference to its
  // argument.
  using executor = std::decay_t<typename asio::prefer_result<
      asio::associated_executor_t<Handler>, asio::execution::outstanding_work_t::tracked_t>::type>;
  using values =
      std::conditional_t<std::is_void_v<Result>, std::tuple<>, std::tuple<std::decay_t<Result>>>;

 public:
  explicit outside_handler_of(Handler handler)
      : executor_(asio::prefer(asio::get_associated_executor(handler),
                               asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  /// Where it waits. Executors without a context, such as that of a std::future, have nothing that
  /// could go first.
  std::shared_ptr<outside_handlers> company() const {
    if constexpr (asio::can_query<const executor&, asio::execution::context_t>::value) {
      return outside_handlers::of(asio::query(executor_, asio::execution::context));
    } else {
      return std::make_shared<outside_handlers>();
    }
  }

  /// What it is to be called with; without a value, that is a Result{}. What the value's
  /// constructor throws takes its place.
  template <class... Value>
  void keep(std::exception_ptr failure, Value&&... value) noexcept {
    failure_ = std::move(failure);
    try {
      if constexpr (sizeof...(Value) != 0) values_.emplace(std::forward<Value>(value)...);
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  // Out of line: what Asio keeps in thread_locals must not stay in a register across a wait of the
  // caller's.
  [[gnu::noinline]] void post(std::shared_ptr<outside_handler> self) override {
    asio::post(executor_,
               [owner = std::move(self)] { static_cast<outside_handler_of&>(*owner).call(); });
  }

 private:
  /// Of itself it uses nothing any more when the handler runs.
  void call() {
    Handler handler(std::move(handler_));
    std::exception_ptr failure = std::move(failure_);
    values all(std::move(values_ ? *values_ : none_));
    std::apply([&](auto&... value) { std::move(handler)(std::move(failure), std::move(value)...); },
               all);
  }

  executor executor_;  // keeps the context's run() from returning
  Handler handler_;
  std::exception_ptr failure_;
  values none_;  // made by whoever starts the operation, and can still be told of an exception
  std::optional<values> values_;
};

}  // namespace troupe::detail
