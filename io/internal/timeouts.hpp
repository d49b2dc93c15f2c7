// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/internal/chained_table.hpp>
#include <troupe/io/internal/owner_table.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/requests.hpp>

#include <cstddef>
#include <cstdint>

namespace troupe::io::detail {

/// The timeouts of one reactor, which wait in its worker's timer wheel. Called by the worker's own
/// thread, within a section.
///
/// A pending timeout is *armed*, or, where there was no memory for that, *starved*: then it is
/// armed as soon as there is.
class timeouts {
 public:
  explicit timeouts(reactor_mailbox::counters& counts) noexcept : counts_(counts) {}
  /// Where the worker ends first, it has discarded what is armed.
  ~timeouts();
  timeouts(const timeouts&) = delete;
  timeouts& operator=(const timeouts&) = delete;

  /// `e` holds a timeout_request, and is taken over.
  void set(troupe::detail::envelope& e) noexcept;
  /// False: it is not pending.
  bool cancel(timeout_id id) noexcept;
  /// Cancels up to `most` timeouts of an owner that has ended; their number.
  std::size_t cancel_those_of(std::uint64_t owner, std::size_t most) noexcept;
  /// Cancels those of all owners that have ended. A look at each timeout.
  void cancel_orphans() noexcept;

  bool is_starved() const noexcept { return starved_ != nullptr; }
  /// Arms what is starved, as far as memory goes.
  void feed() noexcept;

 private:
  struct by_id {
    static std::uint64_t key(const timeout_request& t) noexcept { return t.answer.id.number(); }
    static timeout_request*& next(timeout_request& t) noexcept { return t.next; }
  };

  static void fire(troupe::detail::task& receiver, troupe::detail::envelope& e) noexcept;
  static bool try_arm(troupe::detail::envelope& e) noexcept;
  void cancel(timeout_request& t) noexcept;
  void forget(timeout_request& t) noexcept;
  troupe::detail::envelope& take_starved(const timeout_request& t) noexcept;
  void count_pending() noexcept { counts_.timeouts.store_relaxed(pending_.size()); }  // [count]

  reactor_mailbox::counters& counts_;
  chained_table<timeout_request, by_id> pending_;
  owner_table<timeout_request, &timeout_request::of_owner> owners_;
  troupe::detail::envelope* starved_ = nullptr;  // linked by their `next`
};

}  // namespace troupe::io::detail
