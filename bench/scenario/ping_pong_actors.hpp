// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/finish_line.hpp>

#include <troupe/troupe.hpp>

#include <cstdint>

namespace troupe::bench {

struct play {};
struct pong {};
struct ping {
  actor_ref<void(pong)> from;
};
struct get_handled {};

/// Answers each ping with a pong.
class ponger : public actor<void(ping), std::uint64_t(get_handled)> {
 public:
  void on(const ping& received) {
    ++handled_;
    received.from.send(pong{});
  }
  std::uint64_t on(get_handled) { return handled_; }

 private:
  std::uint64_t handled_ = 0;
};

/// Sends `pings` pings, each when the one before has been answered.
class pinger : public actor<void(play), void(pong), std::uint64_t(get_handled)> {
 public:
  pinger(actor_ref<void(ping)> opposite, std::uint64_t pings, finish_line* finished)
      : opposite_(opposite), pings_(pings), finished_(finished) {}

  void on(play) { send_ping(); }
  void on(pong) {
    if (++handled_ == pings_) {
      finished_->cross();
    } else {
      send_ping();
    }
  }
  std::uint64_t on(get_handled) { return handled_; }

 private:
  void send_ping() { opposite_.send(ping{self().ref<void(pong)>()}); }

  actor_ref<void(ping)> opposite_;
  std::uint64_t pings_;
  std::uint64_t handled_ = 0;
  finish_line* finished_;
};

}  // namespace troupe::bench
