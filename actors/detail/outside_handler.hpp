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

#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
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
};

/// Those of one execution context. Shared by it and by them: whoever comes later finds it closed.
class outside_handlers {
 public:
  /// Those of that context.
  static std::shared_ptr<outside_handlers> of(asio::execution_context& context);

  /// Owns the handler from here on. False: the context is being destroyed.
  bool add(std::unique_ptr<outside_handler>& handler);
  /// Calls `use(handler)` while the context is kept alive, if it is still there, and destroys the
  /// handler.
  template <class Use>
  void finish(const outside_handler* handler, Use use) {
    std::unique_ptr<outside_handler> owned;  // destroyed after the lock is left
    const std::scoped_lock hold(mutex_);
    owned = remove(handler);
    if (owned != nullptr) use(*owned);
  }
  /// The context is being destroyed.
  void close() noexcept;

 private:
  std::unique_ptr<outside_handler> remove(const outside_handler* handler) noexcept;

  std::mutex mutex_;  // guards what follows; not taken in sections
  bool closed_ = false;
  std::vector<std::unique_ptr<outside_handler>> handlers_;
};

/// A handler, and the executor that it is to be called by.
template <class Handler>
class outside_handler_of final : public outside_handler {
  using executor =
      typename asio::prefer_result<asio::associated_executor_t<Handler>,
                                   asio::execution::outstanding_work_t::tracked_t>::type;

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

  /// Lets the executor call it. Out of line: what Asio keeps in thread_locals must not stay in a
  /// register across a wait of the caller's.
  template <class... Results>
  [[gnu::noinline]] void post(Results&&... results) {
    asio::post(executor_,
               [handler = std::move(handler_),
                values = std::tuple<Results...>(std::forward<Results>(results)...)]() mutable {
                 std::apply(std::move(handler), std::move(values));
               });
  }

 private:
  executor executor_;  // keeps the context's run() from returning
  Handler handler_;
};

}  // namespace troupe::detail
