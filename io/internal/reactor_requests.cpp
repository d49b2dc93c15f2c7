// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/error.hpp>
#include <troupe/io/internal/reactor.hpp>

#include <utility>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope;
using troupe::detail::message_type_of;

/// Counts a request that has found nobody, and releases its envelope.
void conclude(envelope& e, bool known, reactor_mailbox::counters& counts) noexcept {
  if (!known) counts.unknown.store_relaxed(counts.unknown.load_relaxed() + 1);  // [count]
  troupe::detail::release_envelope(e);  // its payload is trivial
}

}  // namespace

// What is left over is found by the next look: has_interest() says so, and wait_until() does not
// sleep.
void reactor::serve_requests() noexcept {
  if (mailbox_.take_missed_end()) {
    registrations_.drop_orphans();
    timeouts_.cancel_orphans();
  }
  timeouts_.feed();
  std::size_t served = drop_orphans(requests_per_look);
  while (served < requests_per_look) {
    envelope* const e = mailbox_.take();
    if (e == nullptr) return;
    serve(*e);
    ++served;
  }
}

void reactor::serve(envelope& e) noexcept {
  if (e.type == &message_type_of<modify_socket>) {
    registrations_.rearm(e);
  } else if (e.type == &message_type_of<timeout_request>) {
    timeouts_.set(e);
  } else if (e.type == &message_type_of<cancel_timeout>) {
    conclude(e, timeouts_.cancel(e.as<cancel_timeout>().id), mailbox_.counts);
  } else if (e.type == &message_type_of<socket_request>) {
    registrations_.add(e);
  } else if (e.type == &message_type_of<close_socket>) {
    conclude(e, registrations_.close(e.as<close_socket>()), mailbox_.counts);
  } else {
    e.next.store_relaxed(ended_owners_);  // private list: ours
    ended_owners_ = &e;
    return;  // nobody's request
  }
  mailbox_.count_request();
}

/// Closing is the slowest request: an actor may have owned thousands.
std::size_t reactor::drop_orphans(std::size_t most) noexcept {
  std::size_t dropped = 0;
  while (ended_owners_ != nullptr && dropped < most) {
    const std::uint64_t owner = ended_owners_->as<owner_ended>().owner;
    dropped += registrations_.drop_those_of(owner, most - dropped);
    dropped += timeouts_.cancel_those_of(owner, most - dropped);
    if (dropped >= most) break;  // there may be more
    auto* const next = static_cast<envelope*>(ended_owners_->next.load_relaxed());
    troupe::detail::release_envelope(*std::exchange(ended_owners_, next));
  }
  return dropped;
}

void reactor::refuse_requests() noexcept {
  while (envelope* const e = mailbox_.take()) {
    if (e->type == &message_type_of<socket_request>) {
      registrations_.refuse(*e, errc::stopping);
    } else {
      troupe::detail::release_envelope(*e);
    }
  }
  while (ended_owners_ != nullptr) {
    auto* const next = static_cast<envelope*>(ended_owners_->next.load_relaxed());
    troupe::detail::release_envelope(*std::exchange(ended_owners_, next));
  }
}

}  // namespace troupe::io::detail
