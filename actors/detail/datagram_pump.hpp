// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/datagram_messages.hpp>
#include <troupe/actors/detail/pumping.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::detail {

/// What a datagram_pump is made of.
template <class Socket>
struct datagram_setup {
  std::shared_ptr<Socket> socket;
  any_ref owner;
  stream_id id;
  std::size_t max_unhandled;
  std::size_t max_size;
};

/// Whether a socket that has reported this goes on: it is about a datagram that was sent before.
bool is_about_a_peer(std::error_code error) noexcept;

/// Arbitrary: as many of those in a row, with no datagram and no wait between them, are no news of
/// datagrams but a state that does not end, such as a security module's EACCES.
constexpr int most_peer_errors = 1000;

/// What activate() starts for a datagram socket: receives, and sends what comes to its owner.
template <class Socket>
class datagram_pump : public actor<void(read_more), void(pump_on)> {
 public:
  explicit datagram_pump(datagram_setup<Socket> setup) noexcept : setup_(std::move(setup)) {}

  void on(read_more wanted) {
    run_turn([&] {
      if (!allowance_.has_begun()) begin();
      allowance_.add(wanted);
      pump();
    });
  }
  void on(pump_on) {
    run_turn([&] { pump(); });
  }
  void on(io::socket_ready) {
    run_turn([&] { pump(); });
  }
  void on(const down&) { self().quit(); }  // nobody is there to take anything

 private:
  template <class Turn>
  void run_turn(Turn&& turn) {
    run_or_close(turn, [&](std::error_code reason) { close(reason); });
  }

  void begin() {
    allowance_.begin(setup_.max_unhandled, self().ref());
    self().monitor(setup_.owner);
    // Memory that nothing is written to costs nothing: most datagrams are small.
    room_ = std::make_unique_for_overwrite<std::byte[]>(setup_.max_size);
  }

  void pump() {
    for (int i = 0; i < parts_per_turn; ++i) {
      if (setup_.socket == nullptr || !allowance_.may_send()) return;
      std::error_code error;
      auto got = setup_.socket->try_receive(std::span(room_.get(), setup_.max_size), error);
      if (is_about_a_peer(error)) {
        if (++peer_errors_ == most_peer_errors) return close(error);
        continue;
      }
      peer_errors_ = 0;
      if (error == std::errc::operation_would_block) {
        return setup_.socket->notify_readable(self());
      }
      if (error) return close(error);
      send(std::move(got));
    }
    self().ref().send(pump_on{});  // others go first
  }

  void send(typename Socket::received got) {
    std::string bytes(reinterpret_cast<const char*>(room_.get()), got.size);
    unhandled_share share = allowance_.take(bytes.size());
    setup_.owner.send(datagram<Socket>(setup_.id, std::move(got.from), std::move(bytes),
                                       got.truncated, std::move(share)));
  }

  void close(std::error_code reason) {
    setup_.owner.send(datagrams_closed{setup_.id, reason});
    setup_.socket.reset();
    self().quit();
  }

  datagram_setup<Socket> setup_;
  send_allowance allowance_;
  int peer_errors_ = 0;                // in a row
  std::unique_ptr<std::byte[]> room_;  // made when it first runs, as the allowance
};

}  // namespace troupe::detail
