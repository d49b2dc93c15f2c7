// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Behaviors that change workers, and streams that change actors, while data flows.

#include <support/effort.hpp>
#include <support/random.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace troupe {
namespace {

struct take_over {
  io::tcp_stream stream;
};

/// The n-th byte of a connection's data.
std::byte pattern(std::uint64_t n) { return static_cast<std::byte>(n * 31 + n / 251); }

void fill(std::span<std::byte> bytes, std::uint64_t from) {
  for (std::byte& each : bytes) each = pattern(from++);
}

bool matches(std::span<const std::byte> bytes, std::uint64_t from) {
  for (const std::byte each : bytes) {
    if (each != pattern(from++)) return false;
  }
  return true;
}

/// Sends `total` bytes in pieces of all sizes, and wanders about.
void send_pattern(io::tcp_stream& stream, std::uint64_t total, test::random_choices& random) {
  std::vector<std::byte> piece(5000);
  for (std::uint64_t sent = 0; sent < total;) {
    const auto size = std::min<std::uint64_t>(1 + random.up_to(piece.size() - 1), total - sent);
    const auto bytes = std::span(piece).first(size);
    fill(bytes, sent);
    stream.write_all(bytes);
    sent += size;
    if (random.one_in(4)) troupe::yield();
  }
  stream.shutdown();
}

/// Reads to the end; whether it was `total` bytes, all of them right.
bool receive_pattern(io::tcp_stream& stream, std::uint64_t total, test::random_choices& random) {
  std::vector<std::byte> room(4000);
  std::uint64_t at = 0;
  bool right = true;
  while (const std::size_t got = stream.read(std::span(room).first(1 + random.up_to(3999)))) {
    right = right && matches(std::span(room).first(got), at);
    at += got;
    if (random.one_in(4)) troupe::yield();
  }
  return right && at == total;
}

/// Echoes for a while, then hands the stream to a new actor.
void echo_relay(context& self, io::tcp_stream stream, std::uint64_t number, std::uint64_t hop) {
  test::random_choices random(1'000'000 + number * 1000 + hop);
  std::vector<std::byte> room(1 + random.up_to(3000));
  for (std::uint64_t i = 1 + random.up_to(20); i > 0; --i) {
    const std::size_t got = stream.read(room);
    if (got == 0) return;
    if (random.one_in(3)) self.yield();
    stream.write_all(std::span(room).first(got));
  }
  if (random.one_in(2)) {
    self.spawn(echo_relay, std::move(stream), number, hop + 1);
  } else {  // by a message
    const auto heir = self.spawn<void(take_over)>([number, hop](context& me) {
      me.receive([&](take_over t) { echo_relay(me, std::move(t.stream), number, hop + 1); });
    });
    heir.send(take_over{std::move(stream)});
  }
}

void run(std::size_t workers, std::size_t connections, std::uint64_t bytes) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = workers});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = sys.spawn([&listener](context& self) {
    for (std::uint64_t n = 0;; ++n) self.spawn(echo_relay, listener.accept(), n, std::uint64_t{0});
  });
  std::atomic<std::size_t> exact{0};
  counter done;
  const auto client = [&](std::size_t i) {
    auto stream = io::tcp_stream::connect("127.0.0.1", port);
    counter sent;
    troupe::run(
        [&stream, bytes, i] {
          test::random_choices random(i);
          send_pattern(stream, bytes, random);
        },
        sent);
    test::random_choices random(500'000 + i);
    if (receive_pattern(stream, bytes, random)) ++exact;
    sent.wait();
  };
  sys.run_many(connections, client, done);
  done.wait();
  EXPECT_EQ(exact, connections);
  server.kill();
  sys.await_actors();
}

TEST(Migration, StreamsThatChangeActorsAndWorkersLoseNoByte) {
  for (const std::size_t workers : {1U, 2U, 4U}) {
    run(workers, test::scaled(60), 200'000);
  }
}

}  // namespace
}  // namespace troupe
