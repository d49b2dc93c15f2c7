// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>
#include <examples/stream_client.hpp>
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/seed.hpp>
#include <support/storm.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::test;

// By a connection that the server has closed when this returns.
void expect_echoes(const running_service& server) {
  auto other = stream_client::tcp(server.port());
  other.send("still there?\n");
  EXPECT_EQ(other.read_until("\n"), "still there?\n");
  other.shutdown_send();
  EXPECT_EQ(other.read_to_end(), "");
}

TEST(EchoServer, SendsBackWhatItGets) {
  running_service server(ECHO_SERVER_PROGRAM);
  auto client = stream_client::tcp(server.port());
  std::mt19937_64 random(seed());
  std::string text(300'000, '\0');
  for (auto& each : text) each = static_cast<char>(random());
  std::string back;
  for (std::size_t at = 0; at < text.size();) {
    const auto piece = std::min<std::size_t>(1 + random() % 5000, text.size() - at);
    client.send(text.substr(at, piece));
    back += client.read_exactly(piece);
    at += piece;
  }
  EXPECT_TRUE(back == text) << seed_message();
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "echo_server: stopped\n");
}

TEST(EchoServer, ClosesThoseThatAreSilentOrNeverRead) {
  running_service server(ECHO_SERVER_PROGRAM, {"--timeout", "0.3"});
  expect_echoes(server);
  const auto before = server.open_sockets();
  auto silent = stream_client::tcp(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  auto deaf = stream_client::tcp(server.port());
  deaf.send("x");
  EXPECT_EQ(deaf.read_exactly(1), "x");  // it is served
  deaf.receive_buffer(4096);
  const std::string much(100'000, 'x');
  while (deaf.send_some(much) != 0) {
  }
  EXPECT_TRUE(eventually([&] {
    deaf.send_some(much);
    return server.open_sockets() <= before;
  }));
  expect_echoes(server);
  EXPECT_EQ(server.stop(SIGINT), 0);
  const auto said = server.output();
  EXPECT_NE(said.find("echo_server: a connection was given up: "), std::string::npos) << said;
  EXPECT_NE(said.find("the deadline passed"), std::string::npos) << said;
}

TEST(EchoServer, SurvivesAStormOfConnections) {
  running_service server(ECHO_SERVER_PROGRAM);
  expect_echoes(server);
  const auto before = server.open_sockets();
  storm(64, scaled(6400), [&](std::mt19937_64& random) {
    auto client = stream_client::tcp(server.port());
    const auto sent = client.send_some(std::string(1 + random() % 50'000, 'x'));
    if (random() % 2 == 0) {  // most often while bytes are under way, in either direction
      client.read_exactly(random() % (sent + 1));
      client.reset();
    } else if (random() % 2 == 0) {
      EXPECT_EQ(client.read_exactly(sent), std::string(sent, 'x'));
    }
  });
  expect_echoes(server);
  EXPECT_TRUE(eventually([&] { return server.open_sockets() <= before; }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_NE(server.output().find("echo_server: stopped\n"), std::string::npos);
}

TEST(EchoServer, LetsOneTooManyWait) {
  running_service server(ECHO_SERVER_PROGRAM, {"--max-connections", "2"});
  auto one = stream_client::tcp(server.port());
  auto two = stream_client::tcp(server.port());
  for (auto* const each : {&one, &two}) {
    each->send("a\n");
    EXPECT_EQ(each->read_until("\n"), "a\n");
  }
  auto next = stream_client::tcp(server.port());
  next.send("b\n");
  EXPECT_FALSE(next.readable(50ms));
  one.close();
  EXPECT_EQ(next.read_until("\n"), "b\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(EchoClient, PrintsWhatComesBack) {
  running_service server(ECHO_SERVER_PROGRAM);
  EXPECT_EQ(output_of({ECHO_CLIENT_PROGRAM, server.address(), "one", "two", "--rounds", "2"}),
            "one\ntwo\none\ntwo\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(EchoClient, SaysWhatIsWrong) {
  process nobody({ECHO_CLIENT_PROGRAM, "127.0.0.1:1"});
  EXPECT_NE(nobody.read_rest().find("127.0.0.1:1"), std::string::npos);
  EXPECT_EQ(nobody.wait(), 1);
}

TEST(EchoClient, GivesUpAServerThatNeverAnswers) {
  peer_listener server;
  process client(
      {ECHO_CLIENT_PROGRAM, "127.0.0.1:" + std::to_string(server.port()), "--timeout", "0.2"});
  auto silent = server.accept();
  EXPECT_EQ(silent.receive_all(), "hello, actors\n");
  const auto said = client.read_rest();
  EXPECT_NE(said.find("echo_client: "), std::string::npos) << said;
  EXPECT_NE(said.find("the deadline passed"), std::string::npos) << said;
  EXPECT_EQ(client.wait(), 1);
}

nlohmann::json load(const running_service& server, std::vector<std::string> options) {
  options.insert(options.begin(), {ASYNC_CLIENT_LOAD_PROGRAM, server.address()});
  return nlohmann::json::parse(output_of(options));
}

TEST(AsyncClientLoad, ReportsWhatWasDone) {
  running_service server(ECHO_SERVER_PROGRAM);
  const auto closed = load(server, {"--connections", "50", "--duration", "0.3", "--size", "100"});
  EXPECT_EQ(closed["connected"], 50);
  EXPECT_EQ(closed["failed"], 0);
  EXPECT_GE(closed["requests"], 50);
  EXPECT_GT(closed["latency_us"]["p50"], 0);
  EXPECT_LE(closed["latency_us"]["p50"], closed["latency_us"]["p99"]);
  EXPECT_LE(closed["latency_us"]["p99"], closed["latency_us"]["max"]);
  const auto paced = load(server, {"--connections", "10", "--duration", "1", "--rate", "200"});
  EXPECT_EQ(paced["requests"], 200);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(AsyncClientLoad, SendsMoreThanTheKernelsHold) {
  running_service server(ECHO_SERVER_PROGRAM);
  const auto report = load(server, {"--connections", "1", "--duration", "1", "--size", "16777216"});
  EXPECT_EQ(report["failed"], 0);
  EXPECT_GE(report["requests"], 1);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(AsyncClientLoad, GivesUpAServerThatNeverAnswersMuch) {
  peer_listener server;
  process client({ASYNC_CLIENT_LOAD_PROGRAM, "127.0.0.1:" + std::to_string(server.port()),
                  "--connections", "1", "--size", "16777216", "--timeout", "0.3"});
  const auto deaf = server.accept();
  EXPECT_NE(client.read_rest().find("1 of 1 connections failed"), std::string::npos);
  EXPECT_EQ(client.wait(), 1);
}

TEST(AsyncClientLoad, HoldsAThousandConnections) {
  running_service server(ECHO_SERVER_PROGRAM);
  const auto report =
      load(server, {"--connections", std::to_string(scaled(1000)), "--duration", "0.5"});
  EXPECT_EQ(report["failed"], 0);
  EXPECT_EQ(report["connected"], scaled(1000));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(AsyncClientLoad, ReportsAServerThatStopsMeanwhile) {
  running_service server(ECHO_SERVER_PROGRAM);
  process client(
      {ASYNC_CLIENT_LOAD_PROGRAM, server.address(), "--connections", "20", "--duration", "60"});
  EXPECT_TRUE(eventually([&] { return server.processor_time() > 50ms; }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "echo_server: stopped\n");
  EXPECT_NE(client.read_rest().find("20 of 20 connections failed"), std::string::npos);
  EXPECT_EQ(client.wait(), 1);
}

TEST(AsyncClientLoad, StopsWhileMuchIsUnderWay) {
  peer_listener server;
  process client({ASYNC_CLIENT_LOAD_PROGRAM, "127.0.0.1:" + std::to_string(server.port()),
                  "--connections", "1", "--size", "16777216", "--timeout", "60"});
  auto deaf = server.accept();
  EXPECT_EQ(deaf.receive(1), "a");
  client.signal(SIGTERM);
  EXPECT_EQ(client.wait(), 130);
}

}  // namespace
