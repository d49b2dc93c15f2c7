// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>
#include <troupe/preempt/internal/stack_copy.hpp>
#include <troupe/scheduler/internal/gate.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::detail {

struct interruption;
class task;

/// A text that a signal handler may copy; what is too long is cut off.
template <std::size_t Most>
class short_text {
 public:
  void assign(std::string_view text) noexcept {
    size_ = std::min(text.size(), Most);
    std::copy_n(text.data(), size_, chars_.data());
  }
  std::string_view view() const noexcept { return {chars_.data(), size_}; }

 private:
  std::size_t size_ = 0;
  std::array<char, Most> chars_{};
};

/// A long behavior as a signal handler found it. All of it is copied: when somebody reads it, actor
/// and code may be gone.
struct long_run {
  std::uint64_t id = 0;
  short_text<128> name;
  short_text<512> type;
  std::uint64_t ran_ns = 0;
  stack_copy stack;
};

/// Behaviors that ran for longer than they should, on their way from the signal handlers that find
/// them to the thread that tells of them: one at a time, one per kind of code, one a second.
///
///   | state   | the run belongs to                    | left by                    |
///   | free    | nobody                                | a handler's note()         |
///   | filling | that handler                          | the same: filled           |
///   | filled  | the reader                            | done()                     |
///
/// The state's owner is also the only one to add to the table of kinds, which all handlers read.
class long_behaviors {
 public:
  /// `after_ns`: what is too long; never_ns: nothing is.
  explicit long_behaviors(std::uint64_t after_ns) noexcept : after_ns_(after_ns) {}

  std::uint64_t after_ns() const noexcept { return after_ns_; }

  /// In the handler of the thread that runs `t`, in no section. False: this must be told, but not
  /// now; the next signal may try again.
  [[nodiscard]] bool note(const task& t, const interruption& at, std::uint64_t ran_ns,
                          std::uint64_t now) noexcept;

  // For the thread that tells.
  /// Waits for a run or a wake-up.
  void await() noexcept { door_.pass(); }
  void wake() noexcept { door_.open(); }
  /// nullptr: there is none. Else it is the caller's until done().
  const long_run* get() const noexcept {
    return state_.load_acquire() == state::filled ? &run_ : nullptr;  // pairs with note()
  }
  void done() noexcept { state_.store_release(state::free); }  // pairs with note()
  /// Whether there is no room for more kinds: nothing will be told from now on.
  bool is_full() const noexcept { return known_.load_relaxed() == kinds_.size(); }  // [count]

 private:
  enum class state : int { free, filling, filled };

  bool is_known(std::uintptr_t code) const noexcept;

  static constexpr std::uint64_t pause_ns = 1'000'000'000;  // arbitrary: a log stays readable

  const std::uint64_t after_ns_;
  atomic<std::uint64_t> not_before_ns_{0};  // relaxed: a hint, until the state is ours
  atomic<state> state_{state::free};
  /// Task types, by their code. Filled from the front; `known_` is stored last (release) and read
  /// first (acquire).
  std::array<atomic<std::uintptr_t>, 256> kinds_{};
  atomic<std::size_t> known_{0};
  long_run run_;
  gate door_;
};

}  // namespace troupe::detail
