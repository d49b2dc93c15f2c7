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
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

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
  explicit beside_spinners(std::size_t events_per_turn = 16) : sys(options(events_per_turn)) {
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
  void end(std::size_t things) { end_within(3 * things + 10); }
  /// The same, with how often they may have been stopped for that.
  void end_within(std::size_t most_taken) {
    test::must_come(sys, [this] { return done.load(); });
    const std::uint64_t taken = test::times_taken(sys) - taken_before_;
    EXPECT_GT(taken, 0U);
    EXPECT_LE(taken, most_taken);
    stop_ = true;
    must_end(sys);
  }

  std::atomic<bool> done{false};

 private:
  static system_options options(std::size_t events_per_turn) {
    system_options o;
    o.workers = 1;
    o.io.events_per_turn = events_per_turn;
    o.preempt.batch_quantum = 500ms;
    o.preempt.warn_after = 0ms;
    return o;
  }
  std::atomic<bool> stop_{false};
  std::atomic<int> begun_{0};
  std::uint64_t taken_before_ = 0;

 public:
  system sys;
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

void count_bytes(context&, io::pipe_reader from, std::atomic<std::size_t>& count) {
  std::byte one{};
  while (from.read({&one, 1}) != 0) ++count;
}

/// Writes a byte to each, waits until all have been counted, and begins again.
void write_in_bursts(std::span<const int> to, std::size_t bursts,
                     const std::atomic<std::size_t>& count) {
  for (std::size_t i = 1; i <= bursts; ++i) {
    for (const int each : to) ASSERT_EQ(::write(each, "x", 1), 1);
    while (count < i * to.size()) std::this_thread::yield();
  }
}

// With an event a look, a spinner between two looks would be stopped as often as there are events.
TEST(PreemptedIo, AllThatHasArrivedComesBeforeTheNextSpinner) {
  constexpr std::size_t pipes = 32;
  const std::size_t bursts = scaled(20);
  std::atomic<std::size_t> count{0};
  std::array<int, pipes> writers{};
  beside_spinners beside(1);
  for (int& writer : writers) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    writer = ends[1];
    beside.sys.spawn(count_bytes, io::pipe_reader::adopt(ends[0]), std::ref(count));
  }
  write_in_bursts(writers, bursts, count);
  beside.done = true;
  for (const int each : writers) ::close(each);
  beside.end_within(bursts * pipes / 2);
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
