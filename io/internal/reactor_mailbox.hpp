// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Where a reactor's requests wait: a queue with many producers, in type-stable memory, because
// handles to reactors outlive them.
//
// Roles: any thread posts; the reactor's worker takes, in sections; whoever destroys the reactor
// closes. Orderings:
//   [visit] a poster looks at the life during a visit; close() ends the life, and then waits for
//   the
//           visits: no request is pushed after it, nor does anybody wake a reactor that is gone.
//   [owner] who asks for an actor sets a bit in its task, then posts; the actor's end changes the
//           generation, destroys the behavior, then takes the bits and leaves `told`; the reactor
//           looks at bits and generation when it handles the request. All seq_cst: the end is seen
//           by the request, or told behind it. The next life clears `told` (release) behind its own
//           change of the generation: who finds it cleared sees that generation.
//   [missed] an end that cannot be told for want of memory sets missed_end_, then looks whether the
//           reactor sleeps, as in [push]. The reactor takes it, then looks at all owners.
//   [push]  the queue's seq_cst push is followed by a look at whether the reactor sleeps; the
//           reactor, once it has said that it sleeps, looks at the queue (reactor.cpp, [wake]).
//   [count] relaxed: statistics.

#include <troupe/io/reactor_ref.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/mailbox/detail/mpsc_queue.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::io::detail {

class reactor;

class reactor_mailbox {
 public:
  /// A mailbox for `owner`. Throws std::system_error.
  static reactor_mailbox& open(reactor& owner);
  /// From here on posts are refused. What is still there is the caller's to take; then release().
  void close() noexcept;
  void release() noexcept;

  /// Of the reactor that has opened it.
  std::uint64_t present_life() const noexcept { return life_.load_relaxed(); }  // the owner's

  // Any thread.
  /// False: the reactor of that life is gone, and the envelope still the caller's.
  [[nodiscard]] bool post(std::uint64_t life, troupe::detail::envelope& e) noexcept;
  reactor_statistics statistics(std::uint64_t life) const noexcept;
  /// Which of the bits of task::registered_with stands for it, and perhaps for others.
  std::uint32_t owner_bit() const noexcept { return std::uint32_t{1} << number_ % 31; }
  /// A further bit: reactors have been told that the life is over.
  static constexpr std::uint32_t told = std::uint32_t{1} << 31;
  /// Tells all reactors that may keep something for it that a life of `owner` is over. By the one
  /// who ends it, after the change of its generation; not in a section.
  static void tell_of_end(troupe::detail::task& owner, std::uint32_t generation) noexcept;

  // The reactor.
  bool has_requests() const noexcept {
    return requests_.has_pushed() || missed_end_.load_seq_cst();  // [missed]
  }
  /// Whether an owner's end was not told, for want of memory, since the last call.
  bool take_missed_end() noexcept {
    return missed_end_.load_seq_cst() && missed_end_.exchange_seq_cst(false);  // [missed]
  }
  /// The oldest request, now the caller's; nullptr: none is visible.
  troupe::detail::envelope* take() noexcept;

  /// Counts one that has been handled.
  void count_request() noexcept {
    counts.requests.store_relaxed(counts.requests.load_relaxed() + 1);  // [count]; the only writer
  }

  struct counters {
    troupe::detail::atomic<std::size_t> sockets{0};
    troupe::detail::atomic<std::size_t> timeouts{0};
    troupe::detail::atomic<std::uint64_t> requests{0};
    troupe::detail::atomic<std::uint64_t> orphans{0};
    troupe::detail::atomic<std::uint64_t> refused{0};
    troupe::detail::atomic<std::uint64_t> unknown{0};
    troupe::detail::atomic<std::uint64_t> moved{0};
  };
  counters counts;

  /// For the memory that mailboxes live in.
  explicit reactor_mailbox(std::uint32_t number) noexcept : number_(number) {}

 private:
  static void post_owner_ended(std::uint32_t bits, const troupe::detail::task& owner,
                               std::uint32_t generation) noexcept;
  void note_missed_end(std::uint64_t life) noexcept;

  const std::uint32_t number_;
  troupe::detail::atomic<std::uint64_t> life_{0};  // odd: open
  reactor* owner_ = nullptr;                       // published by life_
  troupe::detail::mpsc_queue requests_;
  troupe::detail::atomic<bool> missed_end_{false};
};

/// What a request's actor is about.
enum class owner_state {
  lives,   ///< its end will be told behind the request
  ending,  ///< its destructor may still run; its end will be told behind the request
  over     ///< its end may have been told already
};

/// Of the actor that `e` is for. The reactor, when it handles the request, or keeps what it asked.
owner_state owner_state_of(const troupe::detail::envelope& e) noexcept;

}  // namespace troupe::io::detail
