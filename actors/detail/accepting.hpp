// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/context.hpp>
#include <troupe/actors/exit_reason.hpp>
#include <troupe/io/socket_ready.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <system_error>
#include <utility>

namespace troupe::detail {

/// The message by which an actor that accepts goes on.
struct accept_now {};

/// Throws std::invalid_argument, naming the options, when there is room for no connection.
void check_max_connections(const char* options, std::size_t max);

/// Whether an error of accept passes when descriptors or memory are there again.
bool is_shortage(const std::error_code& error) noexcept;

/// Tells the system's on_failure, or stderr, of a connection that `server` could start no actor
/// for.
void report_not_started(const any_ref& server, const exit_reason& reason) noexcept;

/// The part of an actor in handler style that accepts, for as long as there is room. It waits for
/// one thing at a time: a notice of the listener's, the end of a pause, or room.
template <class Listener>
class accepting {
 public:
  accepting(Listener listener, std::size_t max) noexcept
      : listener_(std::move(listener)), max_(max) {}

  /// Hands what has come to `take(stream)`, while `count()` says that there is room. Pauses when
  /// that answers false: what it needs is not there. Called when something has happened for which
  /// it may wait; too often does no harm.
  template <class Count, class Take>
  void accept_some(const context& self, Count&& count, Take&& take) {
    constexpr int most = 16;  // arbitrary, as a worker's budget for events
    for (int i = 0; i < most; ++i) {
      if (!listener_.is_open()) return;
      is_full_ = count() >= max_;
      if (is_full_) return;
      std::error_code error;
      auto stream = listener_.try_accept(error);
      if (error) return wait_after(error, self);
      if (!take(std::move(stream))) return pause(self);
      pause_ = first_pause;
    }
    self.ref().send(accept_now{});  // others go first
  }

  /// Another accept_now for `self`, after a while.
  void pause(context self) {
    if (std::exchange(pauses_, true)) return;
    self.send_after(pause_, self.ref(), accept_now{});
    pause_ = std::min(2 * pause_, longest_pause);
  }
  /// Called for each accept_now.
  void note_accept_now() noexcept { pauses_ = false; }

  /// Whether room is what it waits for.
  bool is_full() const noexcept { return is_full_; }
  void close() { listener_.close(); }

 private:
  static constexpr std::chrono::milliseconds first_pause{5};  // as tcp_listener::accept()
  static constexpr std::chrono::milliseconds longest_pause{200};

  void wait_after(const std::error_code& error, context self) {
    if (error == std::errc::operation_would_block) {
      listener_.notify_readable(self);
    } else if (is_shortage(error)) {
      pause(self);
    } else {
      throw std::system_error(error, "troupe: accept");
    }
  }

  Listener listener_;
  std::size_t max_;
  std::chrono::milliseconds pause_ = first_pause;
  bool is_full_ = false;
  bool pauses_ = false;
};

}  // namespace troupe::detail
