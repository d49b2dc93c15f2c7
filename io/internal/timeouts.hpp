// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/internal/chained_table.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/requests.hpp>

namespace troupe::io::detail {

/// The timeouts of one reactor, which wait in its worker's timer wheel. Called by the worker's own
/// thread, within a section.
class timeouts {
 public:
  explicit timeouts(reactor_mailbox::counters& counts) noexcept : counts_(counts) {}

  /// `e` holds a timeout_request, and is the timer's from here on.
  void set(troupe::detail::envelope& e) noexcept;
  /// False: it is not pending.
  bool cancel(timeout_id id) noexcept;

 private:
  struct by_id {
    static std::uint64_t key(const timeout_request& t) noexcept { return t.answer.id.number(); }
    static timeout_request*& next(timeout_request& t) noexcept { return t.next; }
  };

  static void fire(troupe::detail::task& receiver, troupe::detail::envelope& e) noexcept;
  void forget(timeout_request& t) noexcept;

  reactor_mailbox::counters& counts_;
  // Where the worker ends first, it discards what is still in here.
  chained_table<timeout_request, by_id> pending_;
};

}  // namespace troupe::io::detail
