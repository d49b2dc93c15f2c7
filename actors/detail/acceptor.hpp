// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/detail/accepting.hpp>
#include <troupe/actors/new_connection.hpp>
#include <troupe/actors/serve_options.hpp>

#include <cstddef>
#include <new>
#include <system_error>
#include <utility>

namespace troupe::detail {

/// What accept_for() starts.
template <class Listener>
class acceptor : public actor<std::size_t(count_connections), void(accept_now), void(place_freed)> {
  using stream = typename Listener::stream_type;

 public:
  acceptor(Listener listener, any_ref owner, accept_options options)
      : listener_(std::move(listener), options.max_connections), owner_(owner) {}

  void on(accept_now) {
    listener_.note_accept_now();
    if (!std::exchange(watches_, true)) self().monitor(owner_);
    accept();
  }
  void on(io::socket_ready) { accept(); }
  void on(const down&) { self().quit(); }  // nobody is there to take connections
  void on(place_freed) {
    --taken_;
    if (listener_.is_full()) accept();
  }
  std::size_t on(count_connections) { return taken_; }

 private:
  void accept() {
    if (!deliver()) return listener_.pause(self());
    listener_.accept_some(
        self(), [this] { return taken_; },
        [this](stream s) {
          try {
            next_.reset(make_message(std::move(s)));
            return deliver();
          } catch (const std::bad_alloc&) {
            return false;
          } catch (const std::system_error& e) {
            if (!is_shortage(e.code())) throw;
            return false;
          }
        });
  }

  envelope* make_message(stream s) {
    ++taken_;  // the place gives it back, whatever becomes of the message
    return make_envelope<new_connection<stream>>(
        new_connection<stream>{std::move(s), connection_place(self().ref())});
  }

  /// False: the owner's mailbox is full, and refuses it (overflow::fail). Until it has room, one
  /// connection waits here, others in the backlog.
  bool deliver() {
    return next_ == nullptr || try_post_message(*owner_.block(), owner_.generation(), next_);
  }

  accepting<Listener> listener_;
  any_ref owner_;
  envelope_ptr next_;
  std::size_t taken_ = 0;
  bool watches_ = false;
};

}  // namespace troupe::detail
