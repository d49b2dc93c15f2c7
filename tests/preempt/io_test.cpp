// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Sockets of a worker whose actors spin.
#include <preempt/spinning.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::must_end;
using test::scaled;
using test::spin_for;
using test::spin_until;

void echo_back(context&, io::tcp_stream stream) {
  std::array<std::byte, 256> buffer{};
  while (const std::size_t n = stream.read(buffer)) {
    stream.write_all(std::span<const std::byte>(buffer).first(n));
  }
}

void serve_one(context& self, io::tcp_listener listener) {
  self.spawn(echo_back, listener.accept());
}

/// Says something and waits for the echo, that many times.
void converse(std::uint16_t port, std::size_t times) {
  auto stream = io::tcp_stream::connect("127.0.0.1", port);
  for (std::size_t i = 0; i < times; ++i) {
    const std::string said = "number " + std::to_string(i);
    stream.write_all(said);
    std::string heard(said.size(), ' ');
    stream.read_exactly(std::as_writable_bytes(std::span(heard)));
    EXPECT_EQ(heard, said);
  }
}

TEST(PreemptedIo, OfAWorkerWhoseActorSpinsGoesOn) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    std::atomic<bool> stop{false};
    for (std::size_t i = 0; i < 2 * workers; ++i) {
      sys.spawn([&](context&) { spin_until([&] { return stop.load(); }); });
    }
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const std::uint16_t port = listener.local_endpoint().port();
    sys.spawn(serve_one, std::move(listener));
    sys.spawn([&, port](context&) {
      converse(port, scaled(50));
      stop = true;
    });
    must_end(sys);
    EXPECT_GT(test::times_taken(sys), 0U);
  }
}

/// Four spinners on one worker, which nobody takes from them for half a second but for fresh work.
/// (No longer: where the machine gives a server no time for a quantum, it counts as a spinner.)
class beside_spinners {
 public:
  beside_spinners() {
    for (int i = 0; i < 4; ++i) {
      sys.spawn([this](context&) {
        ++begun_;
        spin_until([this] { return stop_.load(); });
      });
    }
    test::must_come(sys, [this] { return begun_ == 4; });
    taken_before_ = test::times_taken(sys);
  }
  /// When that many things have come due one after the other: each has been served by the signal
  /// that came next. Had one had to wait for a batch quantum, they would never have ended in time.
  void end(std::size_t things) {
    test::must_come(sys, [this] { return done.load(); });
    const std::uint64_t taken = test::times_taken(sys) - taken_before_;
    EXPECT_GT(taken, 0U);
    EXPECT_LE(taken, 3 * things + 10);
    stop_ = true;
    must_end(sys);
  }

  std::atomic<bool> done{false};

 private:
  static system_options options() {
    system_options o;
    o.workers = 1;
    o.preempt.batch_quantum = 500ms;
    o.preempt.warn_after = 0ms;
    return o;
  }
  std::atomic<bool> stop_{false};
  std::atomic<int> begun_{0};
  std::uint64_t taken_before_ = 0;

 public:
  system sys{options()};
};

TEST(PreemptedIo, TimersOfAWorkerWhoseActorSpinsWaitForTheNextSignalOnly) {
  beside_spinners beside;
  const std::size_t timers = scaled(200);
  beside.sys.spawn([&](context& self) {
    for (std::size_t i = 0; i < timers; ++i) self.sleep_for(2ms);
    beside.done = true;
  });
  beside.end(timers);
}

TEST(PreemptedIo, SocketsOfAWorkerWhoseActorSpinsWaitForTheNextSignalOnly) {
  beside_spinners beside;
  const std::size_t round_trips = scaled(200);
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  beside.sys.spawn(serve_one, std::move(listener));
  std::thread outside([&] {
    system another({.workers = 1});
    another.spawn([&](context&) { converse(port, round_trips); });
    must_end(another);
    beside.done = true;
  });
  beside.end(round_trips);
  outside.join();
}

TEST(PreemptedIo, OfActorsThatArePreemptedBetweenCallsGoesOn) {
  for (const std::size_t workers : {1U, 2U}) {
    system_options options;
    options.workers = workers;
    options.preempt.fresh_quantum = 100us;
    options.preempt.batch_quantum = 200us;
    system sys(options);
    std::atomic<int> done{0};
    for (int pair = 0; pair < 6; ++pair) {
      auto listener = io::tcp_listener::bind("127.0.0.1", 0);
      const std::uint16_t port = listener.local_endpoint().port();
      sys.spawn(serve_one, std::move(listener));
      sys.spawn([&, port](context&) {
        for (int i = 0; i < 3; ++i) spin_for(1ms);
        // One connection for each conversation: serve_one takes one.
        converse(port, scaled(100));
        spin_for(1ms);
        ++done;
      });
      sys.spawn([](context& self) {
        for (int i = 0; i < 20; ++i) {
          spin_for(500us);
          self.yield();
        }
      });
    }
    must_end(sys);
    EXPECT_EQ(done, 6);
  }
}

}  // namespace
}  // namespace troupe
