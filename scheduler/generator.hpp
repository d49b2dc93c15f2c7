// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/detail/generator_core.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>

namespace troupe {

/// How a generator is made.
struct generator_options {
  /// Bytes of stack for the body, rounded up to pages and to 16 KiB at least. Memory is used only
  /// as far as the body reaches; one that needs more than this ends the process with a report.
  std::size_t stack_size = 256 * 1024;
};

/// A sequence of values computed by a function that runs on a stack of its own and may therefore
/// yield at any call depth.
///
///     troupe::generator<int> squares([](auto& yield) {
///       for (int i = 1; i <= 3; ++i) yield(i * i);
///     });
///     for (int square : squares) use(square);  // 1, 4, 9
///
/// The body is any callable that takes a `generator<T>::yielder&`. It starts with the first
/// begin(), and runs only while somebody asks for the next value. Values are handed over without a
/// copy: dereferencing gives an rvalue that refers to the yielded object, so that move-only values
/// can be taken by `for (auto value : g)`. T may be a reference.
///
/// **Errors**: an exception that leaves the body comes out of the begin() or ++ that ran it, and
/// ends the sequence. The constructor throws std::system_error, naming the limit, when there is no
/// memory for a stack, and std::invalid_argument for an impossible stack size.
///
/// **Destruction** of a generator whose body has not ended unwinds it: an exception that is no
/// std::exception is thrown out of the yield it waits in, and all destructors run. A body that
/// swallows it (`catch (...)` without `throw`) gets it again from its next yield; any other
/// exception that leaves the body then is dropped. Do not yield from a destructor: what runs
/// because of an exception yields nothing then, and what does not ends the process.
///
/// **From** any thread, any actor, or the body of another generator. Not thread-safe, but one
/// thread may go on where another has left off (with what that means for thread_local variables and
/// locks in the body). **Suspends** never; the body may wait if who iterates may.
template <class T>
class generator {
  static_assert(std::is_reference_v<T> || (std::is_object_v<T> && std::movable<T>),
                "troupe::generator<T>: T must be a movable object type or a reference");

  using pointee = std::remove_reference_t<T>;

  struct state : detail::generator_core {
    using generator_core::generator_core;
    pointee* value = nullptr;  ///< what the body has yielded, while it waits
  };

 public:
  /// Given to the body, for use inside it only.
  class yielder {
   public:
    /// Hands a value to who iterates; returns when the next one is wanted. Throws std::logic_error
    /// when called outside the body.
    void operator()(T value) {
      state_.value = std::addressof(value);
      state_.suspend();
    }

    yielder(const yielder&) = delete;
    yielder& operator=(const yielder&) = delete;

   private:
    friend generator;
    explicit yielder(state& s) noexcept : state_(s) {}
    state& state_;
  };

  /// A position in the sequence. All iterators of a generator are the same position: moving one
  /// moves all. Valid as long as the generator that begin() was called on, or that it was moved to.
  class iterator {
   public:
    using value_type = std::remove_cvref_t<T>;
    using reference = T&&;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    iterator() noexcept = default;

    reference operator*() const noexcept { return static_cast<reference>(*state_->value); }

    /// Runs the body to its next value or its end; throws what it throws.
    iterator& operator++() {
      state_->resume();
      return *this;
    }
    void operator++(int) { ++*this; }

    friend bool operator==(const iterator& position, std::default_sentinel_t) noexcept {
      return position.state_ == nullptr || position.state_->ended();
    }

   private:
    friend generator;
    explicit iterator(state* s) noexcept : state_(s) {}
    state* state_ = nullptr;
  };

 private:
  template <class Body>
  static constexpr bool is_body = !std::same_as<std::remove_cvref_t<Body>, generator> &&
                                  std::invocable<std::decay_t<Body>&, yielder&>;

 public:
  /// Keeps `body`; does not run it yet.
  template <class Body>
  requires is_body<Body>
  explicit generator(Body&& body, generator_options options = {})
      : state_(new with_body<std::decay_t<Body>>(std::forward<Body>(body), options.stack_size)) {}

  generator(generator&&) noexcept = default;
  generator& operator=(generator&&) noexcept = default;

  /// Runs the body to its first value, if it has not been started yet; otherwise the current
  /// position. So a loop that was left by `break` can be taken up again (at the value it was left
  /// with).
  iterator begin() {
    if (state_ && !state_->started()) state_->resume();
    return iterator(state_.get());
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  template <class Body>
  struct with_body final : state {
    template <class Source>
    with_body(Source&& source, std::size_t stack_size)
        : state(stack_size), body(std::forward<Source>(source)) {}
    void run() override {
      yielder yield(*this);
      std::invoke(body, yield);
    }
    Body body;
  };

  struct unwind {
    void operator()(state* s) const noexcept {
      s->cancel();
      delete s;
    }
  };

  std::unique_ptr<state, unwind> state_;
};

}  // namespace troupe
