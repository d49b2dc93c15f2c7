// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/scratch_directory.hpp>
#include <support/storm.hpp>
#include <io/connection.hpp>
#include <io/few_descriptors.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::any_port;
using test::asked;
using test::echo;
using test::eventually;
using test::in_actor;
using test::peer;

TEST(Serve, AnActorForEachConnection) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener), echo);
  const std::size_t count = test::scaled(200);
  std::vector<peer> clients;
  for (std::size_t i = 0; i < count; ++i) clients.push_back(peer::connect_to(port));
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(asked(clients[i], std::to_string(i)), std::to_string(i));
  }
  EXPECT_EQ(sys.ask(server, count_connections{}), count);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return sys.ask(server, count_connections{}) == 0; }));
  EXPECT_EQ(sys.ask(server, drain{1s}), 0U);
  sys.await_actors();
}

TEST(Serve, AnExceptionEndsItsConnectionAndIsReported) {
  std::atomic<int> reported{0};
  troupe::system sys({.workers = 2, .on_failure = [](const failure&) { ADD_FAILURE(); }});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener),
                            [](context& self, io::tcp_stream stream) {
                              const std::string text = test::read_text(stream);
                              if (text == "fail") throw std::runtime_error("as asked to");
                              stream.write_all(text);
                              echo(self, std::move(stream));
                            },
                            {.on_failure = [&](const exit_reason& reason) {
                              EXPECT_EQ(reason.what(), "as asked to");
                              ++reported;
                            }});
  peer good = peer::connect_to(port);
  EXPECT_EQ(asked(good, "one"), "one");
  constexpr int failures = 20;
  for (int i = 0; i < failures; ++i) {
    peer bad = peer::connect_to(port);
    bad.send("fail");
    EXPECT_EQ(bad.receive_all(), "");
  }
  EXPECT_EQ(asked(good, "two"), "two");
  EXPECT_TRUE(eventually([&] { return reported == failures; })) << reported;
  good.close();
  EXPECT_EQ(sys.ask(server, drain{1min}), 0U);
}

TEST(Serve, NewcomersWaitInTheBacklogWhileThereIsNoRoom) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  const auto server =
      serve(sys, std::move(listener),
            [&](context& self, io::tcp_stream stream) {
              const int seen = ++now;
              for (int before = most; before < seen && !most.compare_exchange_weak(before, seen);) {
              }
              echo(self, std::move(stream));
              --now;
            },
            {.max_connections = 3});
  std::vector<peer> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(peer::connect_to(port));
  for (peer& each : clients) {  // each one that goes makes room for another
    EXPECT_EQ(asked(each, "served"), "served");
    each.close();
  }
  EXPECT_LE(most, 3);
  server.kill();
  sys.await_actors();
}

TEST(Serve, IsUsedByActorsAndEndsWithItsConnections) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    auto listener = any_port();
    const std::uint16_t port = listener.local_endpoint().port();
    const auto server = serve(self, std::move(listener), echo);
    self.monitor(server);
    auto client = io::tcp_stream::connect("127.0.0.1", port);
    client.write_all("by actor");
    EXPECT_EQ(test::read_text(client), "by actor");
    server.kill();
    EXPECT_TRUE(self.receive([](const down&) {}, after(1min)));
    EXPECT_EQ(test::read_text(client), "");  // its connection, too
  });
  sys.await_actors();
}

TEST(Serve, ServesLocalListeners) {
  troupe::system sys({.workers = 1});
  const test::scratch_directory directory;
  const auto server = serve(sys, io::local_listener::bind(directory / "service"),
                            [](context&, io::local_stream stream) { stream.write_all("hi"); });
  in_actor(sys, [&](context&) {
    auto client = io::local_stream::connect(directory / "service");
    io::buffered_reader reader(client);
    EXPECT_EQ(reader.peek(3), "hi");
  });
  EXPECT_EQ(sys.ask(server, drain{1min}), 0U);
}

TEST(Serve, RecoversWhenDescriptorsHaveRunOut) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  std::vector<peer> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(peer::connect_to(port));
  const test::few_descriptors limit(3);
  const auto server = serve(sys, std::move(listener), echo);
  const auto served = [&] { return sys.ask(server, count_connections{}); };
  ASSERT_TRUE(eventually([&] { return served() == 3; })) << served();
  const auto cpu_before = std::clock();
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC, 0.15);
  EXPECT_EQ(served(), 3U);
  for (peer& each : clients) {
    EXPECT_EQ(asked(each, "at last"), "at last");
    each.close();
  }
  server.kill();
  sys.await_actors();
}

TEST(Serve, ReportsConnectionsForWhichThereIsNoActorAndPauses) {
  const spawn_options impossible{.stack_size = 1};
  std::atomic<int> by_system{0};
  std::atomic<int> by_server{0};
  troupe::system sys({.workers = 1, .on_failure = [&](const failure& f) {
                        EXPECT_NE(f.what.find("stack_size"), std::string::npos) << f.what;
                        ++by_system;
                      }});
  for (const bool own : {false, true}) {
    serve_options options{.connection = impossible};
    if (own) options.on_failure = [&](const exit_reason&) { ++by_server; };
    auto listener = any_port();
    const std::uint16_t port = listener.local_endpoint().port();
    std::vector<peer> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(peer::connect_to(port));
    const auto start = std::chrono::steady_clock::now();
    const auto server = serve(sys, std::move(listener), echo, std::move(options));
    auto& reported = own ? by_server : by_system;
    EXPECT_TRUE(eventually([&] { return reported == 10; })) << reported;
    // 5, 10, 20 ... 200 milliseconds.
    EXPECT_GE(std::chrono::steady_clock::now() - start, 500ms);
    EXPECT_EQ(sys.ask(server, count_connections{}), 0U);
    server.kill();
  }
  EXPECT_EQ(by_system, 10);
  sys.await_actors();
}

TEST(Serve, SurvivesAStormOfConnections) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  std::atomic<std::uint64_t> failures{0};
  const auto server = serve(sys, std::move(listener), echo,
                            {.max_connections = 16, .on_failure = [&](const exit_reason&) {
                               ++failures;  // those that were reset
                             }});
  test::storm(64, test::scaled(6400), [port](std::mt19937_64& random) {
    peer client = peer::connect_to(port);
    if (random() % 2 == 0) {
      if (random() % 2 == 0) client.send("x");
    } else {  // which keeps the others from outrunning the server
      EXPECT_EQ(asked(client, "hello"), "hello");
    }
    if (random() % 2 == 0) client.reset();
  });
  peer last = peer::connect_to(port);
  EXPECT_EQ(asked(last, "still here"), "still here");
  last.close();
  EXPECT_EQ(sys.ask(server, drain{1min}), 0U);
  sys.await_actors();
}

TEST(Serve, RefusesBadOptions) {
  troupe::system sys({.workers = 1});
  EXPECT_THROW(static_cast<void>(serve(sys, any_port(), echo, {.max_connections = 0})),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(accept_for(sys, any_port(), any_ref())), std::logic_error);
}

struct count {};

/// Takes connections as messages, and keeps the latest ones.
struct keeper : actor<void(new_connection<io::tcp_stream>), std::size_t(count)> {
  std::vector<new_connection<io::tcp_stream>> kept;
  std::size_t total = 0;
  void on(new_connection<io::tcp_stream>&& next) {
    next.stream.write_all("welcome");
    kept.push_back(std::move(next));
    ++total;
    if (kept.size() == 4) kept.clear();
  }
  std::size_t on(count) { return total; }
};

TEST(AcceptFor, SendsConnectionsAsMessages) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto owner = sys.spawn<keeper>();
  const auto acceptor = accept_for(sys, std::move(listener), owner, {.max_connections = 4});
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(peer::connect_to(port).receive(7), "welcome");
  }
  EXPECT_EQ(sys.ask(owner, count{}), 40U);
  EXPECT_TRUE(eventually([&] { return sys.ask(acceptor, count_connections{}) == 0; }));
  owner.kill();
  EXPECT_TRUE(eventually([&] { return !acceptor.alive(); }));
  EXPECT_THROW(peer::connect_to(port), std::system_error);
}

TEST(AcceptFor, KeepsConnectionsWhileTheOwnersMailboxRefusesThem) {
  troupe::system sys({.workers = 1});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  using message = new_connection<io::tcp_stream>;
  std::atomic<bool> let_go{false};
  const auto owner = sys.spawn<void(message)>(
      spawn_options{.mailbox = {.capacity = 2, .when_full = overflow::fail}}, [&](context& self) {
        while (!let_go) self.sleep_for(1ms);
        for (;;) self.receive([](message&& next) { next.stream.write_all("welcome"); });
      });
  const auto acceptor = accept_for(sys, std::move(listener), owner);
  std::vector<peer> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(peer::connect_to(port));
  // Two are in the mailbox, one waits in front of it.
  EXPECT_TRUE(eventually([&] { return sys.ask(acceptor, count_connections{}) == 3; }));
  let_go = true;
  for (peer& each : clients) EXPECT_EQ(each.receive(7), "welcome");
  EXPECT_TRUE(acceptor.alive());
  owner.kill();
  sys.await_actors();
}

TEST(AcceptFor, HoldsNewcomersBackWhileNoPlaceIsFree) {
  troupe::system sys({.workers = 1});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  in_actor(sys, [&](context& self) {
    static_cast<void>(accept_for(self, std::move(listener), self.ref(), {.max_connections = 2}));
    std::vector<peer> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(peer::connect_to(port));
    using message = new_connection<io::tcp_stream>;
    std::vector<message> taken;
    const auto take = [&](message&& next) { taken.push_back(std::move(next)); };
    EXPECT_TRUE(self.receive(take, after(1min)));
    EXPECT_TRUE(self.receive(take, after(1min)));
    EXPECT_FALSE(self.receive(take, after(10ms)));
    taken.pop_back();
    EXPECT_TRUE(self.receive(take, after(1min)));
  });
  sys.await_actors();
}

}  // namespace
}  // namespace troupe
