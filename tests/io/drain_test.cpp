// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Servers that are asked to end in order.
#include <support/eventually.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <future>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::any_port;
using test::asked;
using test::eventually;
using test::peer;

/// Whether that port refuses connections at last: its server drains.
bool comes_to_refuse(std::uint16_t port) {
  return eventually([port] {
    try {
      peer::connect_to(port);
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  });
}

std::future<std::size_t> start_drain(troupe::system& sys, server_ref server,
                                     std::chrono::nanoseconds deadline) {
  return std::async(std::launch::async, [=, &sys] { return sys.ask(server, drain{deadline}); });
}

/// The next request; empty: the end of the stream, or the server drains.
std::string next_request(context& self, io::tcp_stream& client) {
  std::array<char, 64> room;
  for (bool drains = false;;) {
    client.notify_readable(self);
    self.receive([](io::socket_ready) {}, [&](draining) { drains = true; });
    if (drains) return {};
    std::error_code error;
    const std::size_t got = client.try_read(std::as_writable_bytes(std::span(room)), error);
    if (error != std::errc::operation_would_block) return {room.data(), got};
  }  // the notice has come for nothing
}

/// Keeps its connection for as many requests as come.
void echo_until_drained(context& self, io::tcp_stream client) {
  for (;;) {
    const std::string request = next_request(self, client);
    if (request.empty()) return;
    client.write_all(request);
  }
}

TEST(Drain, HandlersThatWaitForTheirNextRequestEndInOrder) {
  for (const bool reports : {false, true}) {
    troupe::system sys({.workers = 2, .on_failure = [](const failure&) { ADD_FAILURE(); }});
    serve_options options;
    if (reports) options.on_failure = [](const exit_reason&) { ADD_FAILURE(); };
    auto listener = any_port();
    const std::uint16_t port = listener.local_endpoint().port();
    const auto server = serve(sys, std::move(listener), echo_until_drained, std::move(options));
    std::vector<peer> clients;
    for (int i = 0; i < 20; ++i) {
      clients.push_back(peer::connect_to(port));
      for (int k = 0; k < i % 3; ++k) EXPECT_EQ(asked(clients.back(), "question"), "question");
    }
    EXPECT_TRUE(eventually([&] { return sys.ask(server, count_connections{}) == 20; }));
    EXPECT_EQ(sys.ask(server, drain{1min}), 0U);
    for (peer& each : clients) EXPECT_EQ(each.receive_all(), "");
    sys.await_actors();
  }
}

TEST(Drain, AnAnswerThatHasBegunIsFinished) {
  troupe::system sys({.workers = 2});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener), [&](context& self, io::tcp_stream client) {
    while (!next_request(self, client).empty()) {
      client.write_all("one half,");
      EXPECT_EQ(test::read_text(client), "go on");
      client.write_all(" and the other");
    }
  });
  peer client = peer::connect_to(port);
  client.send("request");
  EXPECT_EQ(client.receive(9), "one half,");
  auto killed = start_drain(sys, server, 1min);
  EXPECT_TRUE(comes_to_refuse(port));
  client.send("go on");
  EXPECT_EQ(client.receive_all(), " and the other");
  EXPECT_EQ(killed.get(), 0U);
  sys.await_actors();
}

struct note {
  std::string text;
};

TEST(Drain, HarmsNobodyWhoLooksForNothingOfTheKind) {
  std::promise<any_ref> started;
  troupe::system sys({.workers = 2,
                      .on_dead_letter = [](const dead_letter&) { ADD_FAILURE(); },
                      .on_failure = [](const failure&) { ADD_FAILURE(); }});
  auto listener = any_port();
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server =
      serve(sys, std::move(listener),
            [&](context& self, io::tcp_stream client) {
              started.set_value(self.ref());
              while (!test::read_text(client, 1).empty()) {
                self.receive([&](const note& n) { client.write_all(n.text); });
              }
            },
            {.max_connections = 1,
             .connection = {.mailbox = {.capacity = 1, .when_full = overflow::fail}}});
  peer client = peer::connect_to(port);
  const any_ref connection = started.get_future().get();
  auto killed = start_drain(sys, server, 1min);
  EXPECT_TRUE(comes_to_refuse(port));
  for (int i = 0; i < 100; ++i) {
    connection.send(note{"ever"});  // there is room for it
    client.send("?");
    EXPECT_EQ(client.receive(4), "ever");
  }
  client.close();
  EXPECT_EQ(killed.get(), 0U);
  sys.await_actors();
}

TEST(Drain, WaitsForConnectionsUntilItsDeadlineAndThenKillsThem) {
  troupe::system sys({.workers = 2});
  for (const bool in_time : {true, false}) {
    auto listener = any_port();
    const std::uint16_t port = listener.local_endpoint().port();
    const auto server = serve(sys, std::move(listener), test::echo);
    peer client = peer::connect_to(port);
    EXPECT_EQ(asked(client, "before"), "before");
    auto killed = start_drain(sys, server, in_time ? 60s : 0s);
    if (in_time) {
      EXPECT_TRUE(comes_to_refuse(port));
      EXPECT_EQ(asked(client, "meanwhile"), "meanwhile");
      client.close();
    } else {
      EXPECT_EQ(client.receive_all(), "");
    }
    EXPECT_EQ(killed.get(), in_time ? 0U : 1U);
    EXPECT_TRUE(eventually([&] { return !server.alive(); }));
  }
}

}  // namespace
}  // namespace troupe
