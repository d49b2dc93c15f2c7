// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What travels in a reactor's mailbox: the payloads of its envelopes. Those of modify_socket,
// close_socket and cancel_timeout are the messages themselves. Where there is a receiver, the
// envelope's `sender` and `target_generation` say who it is.

#include <troupe/io/internal/owner_table.hpp>
#include <troupe/io/socket_messages.hpp>
#include <troupe/io/timeout_messages.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/scheduler/detail/timer.hpp>

#include <cstdint>

namespace troupe::io::detail {

class timeouts;

/// register_socket. Its envelope becomes the first socket_ready, or the socket_closed.
struct socket_request {
  socket_id id;
  int descriptor;
  interest wanted;
};

/// set_timeout: from the request to the answer one object in one envelope. Its first member is the
/// answer, so that the envelope only changes its type.
struct timeout_request {
  timeout answer;
  std::uint64_t deadline_ns;
  timeouts* home = nullptr;
  troupe::detail::envelope* parcel = nullptr;  ///< what this is in
  timeout_request* next = nullptr;             ///< in a bucket of the table
  owner_link<timeout_request> of_owner{};
  troupe::detail::timer_ref timer{};  ///< without an entry: memory has run out
};
static_assert(sizeof(timeout_request) <= 88, "its envelope is of the second size: a million wait");

/// That life of an actor is over.
struct owner_ended {
  std::uint64_t owner;  ///< owner_key()
};

/// One number for one life of a task.
constexpr std::uint64_t owner_key(std::uint32_t slot, std::uint32_t generation) noexcept {
  return std::uint64_t{generation} << 32 | slot;
}

}  // namespace troupe::io::detail
