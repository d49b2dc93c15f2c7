// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What is sent to a reactor about time (reactor_ref::send), and what it answers.

#include <troupe/io/deadline.hpp>
#include <troupe/io/receiver.hpp>
#include <troupe/io/timeout_id.hpp>

namespace troupe::io {

/// Asks a reactor for one io::timeout to `to` at `at`: never early, usually within 1 ms, in steps
/// of 131 us. A set_timeout with an id that is pending moves it: the earlier request counts no
/// more. It does not come when `to` has ended by then, or when the reactor's system ends before.
/// What is pending for an actor is given up when that ends.
struct set_timeout {
  timeout_id id;
  deadline at;  ///< a time_point of the steady clock, or a time from now
  receiver to;
};

/// Takes a timeout back, in constant time. It is a message itself: a timeout that fires before this
/// one is handled comes all the same, and its id tells. Once handled, no timeout is posted any
/// more; one may still be in the actor's mailbox. Does nothing, but is counted
/// (reactor_statistics::unknown), when no such id is pending with this reactor.
struct cancel_timeout {
  timeout_id id;
};

/// The answer to a set_timeout.
struct timeout {
  timeout_id id;
};

}  // namespace troupe::io
