// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/base/time_span.hpp>
#include <troupe/io/detail/operation.hpp>
#include <troupe/io/executor.hpp>

#include <asio/async_result.hpp>
#include <asio/error.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe {

/// The type of troupe::wait.
class wait_t {
 public:
  constexpr wait_t() noexcept = default;

  /// Errors go to `error`, which is cleared when there is none, instead of being thrown; the
  /// results are what the operation gave beside it.
  constexpr wait_t operator()(std::error_code& error) const noexcept {
    return {&error, deadline_ns_};
  }
  /// Cancels the operation when it takes longer than that: errc::timeout. Counted from this call.
  wait_t within(time_span limit) const noexcept {
    return {error_, detail::deadline_from_now(limit)};
  }
  /// The same, at a point in time.
  wait_t until(std::chrono::steady_clock::time_point deadline) const noexcept {
    return within(deadline - std::chrono::steady_clock::now());
  }

  /// For the runtime.
  std::error_code* error() const noexcept { return error_; }
  std::uint64_t deadline_ns() const noexcept { return deadline_ns_; }

 private:
  constexpr wait_t(std::error_code* error, std::uint64_t deadline_ns) noexcept
      : error_(error), deadline_ns_(deadline_ns) {}

  std::error_code* error_ = nullptr;
  std::uint64_t deadline_ns_ = detail::never_ns;
};

/// The completion token that lets a behavior wait for any operation of Asio's, while its worker
/// goes on with others:
///
///     asio::steady_timer timer(io::executor(), 5ms);
///     timer.async_wait(troupe::wait);
///     std::size_t n = asio::async_read(socket, buffer, troupe::wait.within(2s));
///     std::size_t m = socket.async_read_some(buffer, troupe::wait(error));
///
/// The operation's results are the call's: none, the one, or a std::tuple; an error_code or
/// exception_ptr that comes first is thrown instead, a success of it left out. Of exceptions,
/// wait(error) stores the error_code of a std::system_error; others are thrown. Results may be
/// move-only. The operation is started, its intermediate handlers run, and its results are moved
/// into the waiting behavior's frame, on the thread that runs its I/O object's executor (see
/// io::executor()): never in the runtime's sections, and never beside another operation of that
/// executor's. What the operation refers to may lie on the behavior's stack.
///
/// When the actor is asked to end, or the limit passes, the operation is cancelled through its
/// cancellation slot (terminal), in its executor, and the call waits until it is over. An operation
/// that has no executor or does not support that (in Asio 1.22: async_resolve; io::resolve() does)
/// is waited for.
/// **Suspends** until the operation is over. **From** a behavior or a job, not in the middle of
/// another wait (in a condition of receive, say), else std::logic_error.
/// **Errors** std::system_error, errc::timeout among them; asio::error::operation_aborted also when
/// the operation was dropped, because its io_context is gone; actor_exit; what the start of the
/// operation throws.
inline constexpr wait_t wait;

namespace io::detail {

/// What a wait answers: its results without the error in front.
template <class... Values>
struct wait_answer {
  using type = std::tuple<Values...>;
};
template <>
struct wait_answer<> {
  using type = void;
};
template <class Value>
struct wait_answer<Value> {
  using type = Value;
};

template <class First>
inline constexpr bool is_failure =
    std::is_same_v<First, std::error_code> || std::is_same_v<First, std::exception_ptr>;

template <std::size_t skipped, class Results>
auto answer_of(Results&& results) {
  return std::apply(
      []<class... All>(All&&... all) {
        return [&]<std::size_t... at>(std::index_sequence<at...>) {
          auto refs = std::forward_as_tuple(std::forward<All>(all)...);
          using answer = typename wait_answer<
              std::decay_t<std::tuple_element_t<at + skipped, decltype(refs)>>...>::type;
          if constexpr (!std::is_void_v<answer>)
            // NOLINTNEXTLINE(bugprone-use-after-move): each `at` takes another one
            return answer(std::get<at + skipped>(std::move(refs))...);
        }
        (std::make_index_sequence<sizeof...(All) - skipped>());
      },
      std::forward<Results>(results));
}

/// Throws or stores the error.
inline void settle(std::error_code failure, const wait_t& token) {
  if (token.error() != nullptr) {
    *token.error() = failure;
  } else if (failure) {
    throw std::system_error(failure, "troupe::wait");
  }
}
/// What an exception says by an error_code: nothing for success and for other exceptions.
inline std::error_code code_of(const std::exception_ptr& failure) {
  if (failure == nullptr) return {};
  try {
    std::rethrow_exception(failure);
  } catch (const std::system_error& e) {
    return e.code();
  } catch (...) {
    return {};
  }
}
inline void settle(const std::exception_ptr& failure, const wait_t& token) {
  const std::error_code code = token.error() != nullptr ? code_of(failure) : std::error_code();
  if (failure != nullptr && !code) std::rethrow_exception(failure);
  settle(code, token);
}

/// What an operation that was cancelled by its deadline says: that, instead of operation_aborted.
inline std::error_code explain(std::error_code failure, bool expired) noexcept {
  return expired && failure == asio::error::operation_aborted ? errc::timeout : failure;
}
inline std::exception_ptr explain(const std::exception_ptr& failure, bool expired) {
  if (!expired || code_of(failure) != asio::error::operation_aborted) return failure;
  return std::make_exception_ptr(std::system_error(errc::timeout, "troupe::wait"));
}

/// How many of the results, the first or none, say whether it went well.
template <class Results>
constexpr std::size_t failures_in() {
  if constexpr (std::tuple_size_v<Results> == 0) {
    return 0;
  } else {
    return is_failure<std::tuple_element_t<0, Results>> ? 1 : 0;
  }
}

template <class Results>
auto finish_wait(std::optional<Results>& results, bool expired, const wait_t& token) {
  constexpr std::size_t skipped = failures_in<Results>();
  if (!results) {
    settle(explain(asio::error::operation_aborted, expired), token);
    if constexpr (std::is_default_constructible_v<Results>) {
      results.emplace();
    } else {  // there is nothing to answer beside the error
      throw std::system_error(explain(asio::error::operation_aborted, expired), "troupe::wait");
    }
  } else if constexpr (skipped == 1) {
    settle(explain(std::get<0>(*results), expired), token);
  } else {
    settle(std::error_code(), token);
  }
  if constexpr (std::tuple_size_v<Results> != 0) return answer_of<skipped>(std::move(*results));
}

}  // namespace io::detail
}  // namespace troupe

/// How Asio finds out what to do with troupe::wait.
template <class... Results>
class asio::async_result<troupe::wait_t, void(Results...)> {
 public:
  template <class Initiation, class... Args>
  static auto initiate(Initiation&& initiation, troupe::wait_t token, Args&&... args) {
    auto begin = [&](troupe::io::detail::completion<Results...> handler) {
      std::forward<Initiation>(initiation)(std::move(handler), std::forward<Args>(args)...);
    };
    const auto executor = asio::get_associated_executor(initiation);
    troupe::io::detail::started_operation<std::remove_const_t<decltype(executor)>, decltype(begin),
                                          Results...>
        operation(token.deadline_ns(), executor, begin);
    auto& results = operation.perform();
    return troupe::io::detail::finish_wait(results, operation.expired(), token);
  }
};
