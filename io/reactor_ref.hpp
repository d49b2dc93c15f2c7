// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/reactor_statistics.hpp>
#include <troupe/io/socket_messages.hpp>
#include <troupe/io/timeout_messages.hpp>

#include <cstdint>

namespace troupe::io {
namespace detail {
class reactor_mailbox;
}

/// A handle to the reactor of one worker: system::reactor(), context::reactor(). What it is sent
/// travels through the reactor's mailbox; what it answers comes to the mailbox of the actor that
/// the request names, ahead of user messages, and is handled by `on(...)`, which needs no
/// signature, or by receive(...).
///
/// Trivially copyable; all functions from any thread. May outlive the system, whose reactors then
/// answer with errc::stopping. Requests of one sender to one reactor are handled in their order;
/// different reactors know nothing of each other: a socket or timeout is modified, closed or
/// cancelled where it was begun.
///
/// send() **suspends** never. A reactor that sleeps is woken; one whose worker is busy looks at its
/// mailbox when the worker looks at its sockets, or preempts a behavior for it (see
/// docs/guarantees.md, 8). **Errors** std::logic_error for a handle, an id or a `to` that is empty
/// and for a descriptor or an interest that is none, naming it; std::system_error when memory runs
/// out. Then nothing has happened, and a descriptor is still the caller's.
class reactor_ref {
 public:
  /// Refers to no reactor.
  constexpr reactor_ref() noexcept = default;

  void send(const register_socket& request) const;
  void send(const modify_socket& request) const;
  void send(const close_socket& request) const;
  void send(const set_timeout& request) const;
  void send(const cancel_timeout& request) const;

  /// All 0 when the reactor's system has ended. **Errors** std::logic_error for an empty handle.
  reactor_statistics statistics() const;

  constexpr explicit operator bool() const noexcept { return mailbox_ != nullptr; }
  friend constexpr bool operator==(const reactor_ref&, const reactor_ref&) noexcept = default;

  /// For the runtime.
  constexpr reactor_ref(detail::reactor_mailbox* mailbox, std::uint64_t life) noexcept
      : mailbox_(mailbox), life_(life) {}

 private:
  detail::reactor_mailbox& target() const;
  void note_owner(const receiver& owner) const;
  template <class Payload>
  void post(const Payload& payload, const receiver& to = {}) const;

  detail::reactor_mailbox* mailbox_ = nullptr;
  std::uint64_t life_ = 0;
};

}  // namespace troupe::io
