// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// The descriptors that one reactor owns: what register_socket has brought.
//
// Roles: the reactor's worker, within sections, does everything; whoever destroys the reactor ends
// them all. A registration lives in type-stable memory, see event_source.
//   | registration | `ready`                                             | left by                    |
//   | armed        | the envelope of the socket_ready that was asked for | an event, disarm, its end  |
//   | disarmed     | nullptr                                             | rearm, its end             |
// An owner that has ended is told of by owner_ended, behind its destructor. Until then nothing of
// it is closed for that reason, whatever comes: the destructor may use its descriptors.

#include <troupe/io/internal/chained_table.hpp>
#include <troupe/io/internal/edge_set.hpp>
#include <troupe/io/internal/event_source.hpp>
#include <troupe/io/internal/owner_table.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/requests.hpp>

#include <cstddef>
#include <cstdint>
#include <system_error>

namespace troupe::io::detail {

struct registration : event_source {
  registration() noexcept;

  socket_id id;
  interest wanted = interest::none;
  troupe::detail::envelope* ready = nullptr;
  troupe::detail::envelope* closed = nullptr;  ///< the socket_closed, so that closing never fails
  registration* next_by_id = nullptr;
  owner_link<registration> of_owner{};
};

/// Closes the descriptor of a register_socket that is not to be, and answers `reason`; owns `e`,
/// which holds a socket_request. Any thread.
void refuse(troupe::detail::envelope& e, std::error_code reason) noexcept;

class registrations {
 public:
  registrations(edge_set& edges, reactor_mailbox::counters& counts) noexcept
      : edges_(edges), counts_(counts) {}

  /// `e` holds a socket_request, and is taken over.
  void add(troupe::detail::envelope& e) noexcept;
  /// As add(), where the reactor has ended meanwhile: all are answered with `reason`.
  void refuse(troupe::detail::envelope& e, std::error_code reason) noexcept;
  /// `e` holds a modify_socket, and is taken over.
  void rearm(troupe::detail::envelope& e) noexcept;
  /// False: there is no such registration.
  bool close(const close_socket& request) noexcept;
  /// Drops up to `most` registrations of an owner that has ended; their number.
  std::size_t drop_those_of(std::uint64_t owner, std::size_t most) noexcept;
  /// Drops those of all owners that have ended. A look at each registration.
  void drop_orphans() noexcept;
  /// Ends them all.
  void close_all(std::error_code reason) noexcept;

 private:
  friend struct registration;
  struct by_id {
    static std::uint64_t key(const registration& r) noexcept { return r.id.number(); }
    static registration*& next(registration& r) noexcept { return r.next_by_id; }
  };

  static void report(event_source& source, news n) noexcept;
  std::error_code try_add(troupe::detail::envelope& e, const socket_request& request) noexcept;
  bool refuse_duplicate(troupe::detail::envelope& e, const socket_request& request) noexcept;
  void let_go(registration& r) noexcept;
  void end_gone(registration& r, std::error_code reason) noexcept;
  void end(registration& r, std::error_code reason, bool keep_open = false) noexcept;
  void drop(registration& r, bool keep_open = false) noexcept;
  void count_sockets() noexcept { counts_.sockets.store_relaxed(all_.size()); }  // [count]

  edge_set& edges_;
  reactor_mailbox::counters& counts_;
  chained_table<registration, by_id> all_;
  owner_table<registration, &registration::of_owner> owners_;
};

}  // namespace troupe::io::detail
