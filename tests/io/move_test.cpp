// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Streams whose watch moves to other workers, while data flows.

#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/open_files.hpp>
#include <support/random.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/epoll.h>

namespace troupe {
namespace {

using test::connection;
using test::in_actor;
using test::read_text;

std::byte pattern(std::uint64_t n) { return static_cast<std::byte>(n * 31 + n / 251); }

TEST(Move, WakesWhoWaitsForWhatComesAfterIt) {
  troupe::system sys({.workers = 4});
  connection c(sys);
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> reading{false};
    const auto reader = sys.spawn([&](context&) {
      reading = true;
      EXPECT_EQ(read_text(c.stream, 1), "x");
    });
    ASSERT_TRUE(test::eventually([&] { return reading.load(); }));
    in_actor(sys, [&](context&) { c.stream.move_to(static_cast<std::size_t>(round) % 4); });
    c.other.send("x");
    ASSERT_TRUE(test::eventually([&] { return !reader.alive(); }));
  }
}

TEST(Move, TellsOfWhatHadComeBefore) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  in_actor(sys, [&](context& self) {
    for (int round = 0; round < 50; ++round) {
      c.stream.notify_readable(self);
      c.other.send("x");
      c.stream.move_to(static_cast<std::size_t>(round) % 2);
      self.receive([&](io::socket_ready m) { EXPECT_EQ(m.id, c.stream.id()); });
      EXPECT_EQ(read_text(c.stream, 1), "x");
    }
  });
}

TEST(Move, MayComeBeforeTheFirstWaitAndInAnotherSystem) {
  troupe::system sys({.workers = 2});
  troupe::system other({.workers = 3});
  connection c(sys);
  c.other.send("abc");
  in_actor(sys, [&](context&) { c.stream.move_to(1); });
  in_actor(other, [&](context&) { c.stream.move_to(2); });
  in_actor(sys, [&](context&) { EXPECT_EQ(read_text(c.stream, 1), "a"); });
  in_actor(other, [&](context&) {
    EXPECT_EQ(read_text(c.stream, 2), "bc");
    c.stream.move_to(0);
  });
}

TEST(Move, RefusesMistakes) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  in_actor(sys, [&](context&) {
    try {
      c.stream.move_to(2);
      ADD_FAILURE();
    } catch (const std::out_of_range& e) {
      EXPECT_NE(std::string(e.what()).find("move_to(2)"), std::string::npos) << e.what();
    }
    EXPECT_THROW(c.stream.move_to(SIZE_MAX), std::out_of_range);
    EXPECT_THROW(io::tcp_stream().move_to(0), std::system_error);
  });
  EXPECT_THROW(c.stream.move_to(0), std::logic_error);  // on a plain thread
  for (const double wrong : {1.0, -1.0, 1001.0}) {
    EXPECT_THROW(troupe::system({.workers = 1, .io = {.rebalance_ratio = wrong}}),
                 std::invalid_argument);
  }
}

/// The epoll descriptor of a worker of the caller's system.
int epoll_of(std::size_t worker) {
  auto& home = *troupe::detail::current_scheduler();
  return io::detail::reactor::of(home.worker_at(worker)).edges()->descriptor();
}

bool is_watched_by(std::size_t worker, int descriptor) {
  epoll_event nothing{};
  if (::epoll_ctl(epoll_of(worker), EPOLL_CTL_ADD, descriptor, &nothing) == -1)
    return errno == EEXIST;
  ::epoll_ctl(epoll_of(worker), EPOLL_CTL_DEL, descriptor, nullptr);
  return false;
}

TEST(Move, ThatFailsChangesNothing) {
  troupe::system sys({.workers = 2});
  troupe::system other({.workers = 2});
  connection c(sys);
  const int descriptor = c.stream.native_handle();
  in_actor(sys, [&](context& self) {
    c.stream.move_to(0);
    c.stream.notify_readable(self);
    EXPECT_TRUE(is_watched_by(0, descriptor));
    epoll_event nothing{};  // is in the way
    ASSERT_EQ(::epoll_ctl(epoll_of(1), EPOLL_CTL_ADD, descriptor, &nothing), 0);
    EXPECT_THROW(c.stream.move_to(1), std::system_error);
    ASSERT_EQ(::epoll_ctl(epoll_of(1), EPOLL_CTL_DEL, descriptor, nullptr), 0);
    EXPECT_TRUE(is_watched_by(0, descriptor));
    EXPECT_FALSE(is_watched_by(1, descriptor));
  });
  in_actor(other, [&](context& self) {  // where it goes is chosen anew, by the same number
    c.stream.notify_readable(self);
    EXPECT_TRUE(is_watched_by(0, descriptor));
    EXPECT_FALSE(is_watched_by(1, descriptor));
  });
}

void echo(io::tcp_stream& stream) {
  std::byte room[700];
  while (const std::size_t got = stream.read(room)) stream.write_all(std::span(room).first(got));
}

/// Sends `total` bytes and checks what comes back.
bool exchange(io::tcp_stream& stream, std::uint64_t total, test::random_choices& random) {
  std::byte out[500];
  std::byte in[500];
  for (std::uint64_t at = 0; at < total;) {
    const std::size_t size = 1 + random.up_to(std::min<std::uint64_t>(499, total - at - 1));
    for (std::size_t i = 0; i < size; ++i) out[i] = pattern(at + i);
    stream.write_all(std::span(out).first(size));
    stream.read_exactly(std::span(in).first(size));
    if (!std::equal(out, out + size, in)) return false;
    at += size;
  }
  return true;
}

/// Echo servers and their clients, of one system.
struct crowd {
  crowd(troupe::system& sys, std::size_t connections, std::uint64_t bytes, std::size_t watcher,
        bool all_chosen = false)
      : streams(connections) {
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const std::uint16_t port = listener.local_endpoint().port();
    for (std::size_t i = 0; i < connections; ++i) {
      in_actor(sys, [&](context& self) {
        clients.push_back(
            std::make_unique<io::tcp_stream>(io::tcp_stream::connect("127.0.0.1", port)));
        streams[i] = std::make_unique<io::tcp_stream>(listener.accept());
        streams[i]->move_to(watcher);
        if (all_chosen) clients.back()->move_to(watcher);
        self.spawn([s = streams[i].get()](context&) { echo(*s); });
      });
    }
    for (std::size_t i = 0; i < connections; ++i) {
      static_cast<void>(sys.spawn([this, i, bytes](context&) {
        test::random_choices random(i);
        if (exchange(*clients[i], bytes, random)) ++exact;
        clients[i]->shutdown();
      }));
    }
  }
  std::vector<std::unique_ptr<io::tcp_stream>> streams;
  std::vector<std::unique_ptr<io::tcp_stream>> clients;
  std::atomic<std::size_t> exact{0};
};

TEST(Move, AThousandSocketsUnderLoadLoseNothing) {
  SCOPED_TRACE(test::seed_message());
  const std::size_t connections = test::scaled(1000);
  const test::open_files limit(2 * connections + 100);
  if (!limit.suffice()) GTEST_SKIP() << limit.what_is_needed();
  troupe::system sys({.workers = 4});
  crowd all(sys, connections, 10'000, 0);
  std::atomic<std::uint64_t> moves{0};
  static_cast<void>(sys.spawn([&](context& self) {
    test::random_choices random(1'000'000);
    while (self.home().actor_count() > 1) {
      for (int i = 0; i < 64; ++i) {
        auto& some = random.one_in(2) ? all.streams : all.clients;
        some[random.up_to(connections - 1)]->move_to(random.up_to(3));
        ++moves;
      }
      self.yield();
    }
  }));
  sys.await_actors();
  EXPECT_EQ(all.exact, connections);
  EXPECT_GT(moves, connections);
}

/// How often the reactors of two workers have moved a stream by themselves.
std::uint64_t moved(troupe::system& sys) {
  return sys.reactor(0).statistics().moved + sys.reactor(1).statistics().moved;
}

TEST(Move, StreamsWhoseWorkerWasChosenStayThere) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2, .io = {.rebalance_ratio = 2}});
  crowd all(sys, 100, 200'000 / test::slowdown, 0, true);
  const std::uint64_t before = moved(sys);  // one that was connected, and had not been told yet
  sys.await_actors();
  EXPECT_EQ(all.exact, 100U);
  EXPECT_EQ(moved(sys), before);
}

TEST(Move, AcceptedStreamsStayOnTheWorkerThatTheListenerNames) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2, .io = {.rebalance_ratio = 2}});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0, {.worker = std::uint16_t{0}});
  const std::uint16_t port = listener.local_endpoint().port();
  std::vector<std::unique_ptr<io::tcp_stream>> near;
  std::vector<std::unique_ptr<io::tcp_stream>> far;
  std::atomic<std::size_t> exact{0};
  for (std::size_t i = 0; i < 100; ++i) {
    in_actor(sys, [&](context& self) {
      near.push_back(std::make_unique<io::tcp_stream>(io::tcp_stream::connect("127.0.0.1", port)));
      near.back()->move_to(0);
      far.push_back(std::make_unique<io::tcp_stream>(listener.accept()));
      self.spawn([s = far.back().get()](context&) { echo(*s); });
    });
  }
  for (std::size_t i = 0; i < near.size(); ++i) {
    static_cast<void>(sys.spawn([&, i](context&) {
      test::random_choices random(i);
      if (exchange(*near[i], 200'000 / test::slowdown, random)) ++exact;
      near[i]->shutdown();
    }));
  }
  sys.await_actors();
  EXPECT_EQ(exact, near.size());
  EXPECT_EQ(moved(sys), 0U);
}

// They are no streams, whatever the load beside them.
TEST(Move, DatagramSocketsStayWhereTheyAre) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2, .io = {.rebalance_ratio = 2}});
  std::vector<std::pair<io::local_datagram, io::local_datagram>> pairs(60);
  for (auto& each : pairs) each = io::local_datagram::make_pair();
  constexpr std::size_t rounds = test::scaled(1000);
  for (auto& each : pairs) {
    for (const bool first : {false, true}) {
      static_cast<void>(sys.spawn([&each, first](context&) {
        io::local_datagram& mine = first ? each.first : each.second;
        std::byte room[8]{};
        for (std::size_t i = 0; i < rounds; ++i) {
          if (first) mine.send(room);
          static_cast<void>(mine.receive(room));
          if (!first) mine.send(room);
        }
      }));
    }
  }
  crowd all(sys, 100, 200'000 / test::slowdown, 0, true);
  const std::uint64_t before = moved(sys);  // one that was connected, and had not been told yet
  sys.await_actors();
  EXPECT_EQ(all.exact, 100U);
  EXPECT_EQ(moved(sys), before);
}

TEST(Move, StreamsThatAreClosedWhileTheyMoveByThemselvesHarmNobody) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2, .io = {.rebalance_ratio = 1.5}});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = sys.spawn([&](context& self) {
    for (;;) {
      self.spawn([s = listener.accept()](context&) mutable {
        std::byte room[700];
        std::error_code error;  // its peer may be gone at any moment
        while (const std::size_t got = s.read(room, error)) {
          s.write_all(std::span(room).first(got), error);
          if (error) return;
        }
      });
    }
  });
  std::atomic<std::size_t> exact{0};
  constexpr std::size_t clients = 60;
  const std::size_t rounds = test::scaled(100);
  counter done;
  sys.run_many(
      clients,
      [&](std::size_t i) {
        test::random_choices random(i);
        for (std::size_t round = 0; round < rounds; ++round) {
          auto stream = io::tcp_stream::connect("127.0.0.1", port);
          if (exchange(stream, 1 + random.up_to(5000), random)) ++exact;
          if (random.one_in(2)) stream.abort();
        }
      },
      done);
  done.wait();
  EXPECT_EQ(exact, clients * rounds);
  server.kill();
  sys.await_actors();
}

TEST(Move, ReadyStreamsMoveByThemselvesFromABusyWorkerToTheOthers) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2, .io = {.rebalance_ratio = 2}});
  crowd all(sys, 100, 200'000 / test::slowdown, 0);
  sys.await_actors();
  EXPECT_EQ(all.exact, 100U);
  EXPECT_GT(moved(sys), 0U);
}

}  // namespace
}  // namespace troupe
