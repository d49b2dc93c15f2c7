// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>
#include <examples/stream_client.hpp>
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/seed.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::test;

running_service proxy_to(std::uint16_t port, std::vector<std::string> options = {}) {
  options.insert(options.begin(), "127.0.0.1:" + std::to_string(port));
  return running_service(PROXY_PROGRAM, std::move(options));
}

std::string random_text(std::mt19937_64& random, std::size_t size) {
  std::string text(size, '\0');
  for (auto& each : text) each = static_cast<char>(random());
  return text;
}

TEST(Proxy, PassesOnBothDirectionsAndEachEndByItself) {
  peer_listener target;
  auto proxy = proxy_to(target.port());
  auto client = stream_client::tcp(proxy.port());
  auto server = target.accept();
  std::mt19937_64 random(seed());
  const auto request = random_text(random, 1'000'000);
  const auto answer = random_text(random, 1'000'000);
  std::thread sender([&] {
    client.send(request);
    client.shutdown_send();
  });
  EXPECT_TRUE(server.receive_all() == request) << seed_message();
  sender.join();
  // The client's direction has ended; the other one goes on.
  std::thread answerer([&] {
    server.send(answer);
    server.shutdown();
  });
  EXPECT_TRUE(client.read_to_end() == answer) << seed_message();
  answerer.join();
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  EXPECT_EQ(proxy.output(), "proxy: stopped\n");
}

// Python's sockets, by which a client is as others write it.
TEST(Proxy, AProgramMayEndItsDirectionAndWaitForTheAnswer) {
  const auto python = find_program("python3");
  ASSERT_FALSE(python.empty()) << "python3 is missing: script/bootstrap";
  peer_listener target;
  auto proxy = proxy_to(target.port());
  const std::string program =
      "import socket, sys\n"
      "with socket.create_connection(('127.0.0.1', int(sys.argv[1])), 60) as proxy:\n"
      "    proxy.sendall(b'x' * 1000000)\n"
      "    proxy.shutdown(socket.SHUT_WR)\n"
      "    print(proxy.makefile().read(), end='')\n";
  process client({python, "-c", program, std::to_string(proxy.port())});
  auto server = target.accept();
  const auto request = server.receive_all();  // up to its end
  server.send(std::to_string(request.size()) + " bytes\n");
  server.shutdown();
  EXPECT_EQ(client.read_rest(), "1000000 bytes\n");
  EXPECT_EQ(client.wait(), 0);
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
}

TEST(Proxy, CurlGetsPagesThroughIt) {
  ASSERT_FALSE(find_program("curl").empty()) << "curl is missing: script/bootstrap";
  running_service server(HTTP_SERVER_PROGRAM);
  auto proxy = proxy_to(server.port());
  const auto url = "http://" + proxy.address();
  const std::string body(100'000, 'x');
  EXPECT_EQ(curl({"--data-binary", body, url + "/echo", "--next", "--silent", url + "/"}),
            body + "Hello, World!\n");
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(Proxy, PassesOnTheServersEndFirst) {
  peer_listener target;
  auto proxy = proxy_to(target.port());
  auto client = stream_client::tcp(proxy.port());
  auto server = target.accept();
  server.send("bye");
  server.shutdown();
  EXPECT_EQ(client.read_to_end(), "bye");
  client.send("still talking");
  client.shutdown_send();
  EXPECT_EQ(server.receive_all(), "still talking");
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
}

// Not by a line for each client, however many there are.
TEST(Proxy, ClosesTheClientWhenTheTargetRefusesAndSaysWhy) {
  auto proxy = proxy_to(1);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stream_client::tcp(proxy.port()).read_to_end(), "");
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  const auto seconds = (std::chrono::steady_clock::now() - start) / 1s;
  std::istringstream said(proxy.output());
  std::int64_t lines = 0;
  for (std::string line; std::getline(said, line) && line != "proxy: stopped"; ++lines) {
    EXPECT_NE(line.find("proxy: a connection was given up: "), std::string::npos) << line;
    EXPECT_NE(line.find("connect to 127.0.0.1:1: Connection refused"), std::string::npos) << line;
  }
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, 1 + seconds);
}

TEST(Proxy, NamesATargetThatDoesNotExist) {
  running_service proxy(PROXY_PROGRAM, {"nosuch.invalid:80"});
  EXPECT_EQ(stream_client::tcp(proxy.port()).read_to_end(), "");
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  EXPECT_NE(proxy.output().find("nosuch.invalid:80: "), std::string::npos);
}

TEST(Proxy, SaysThatAPeerTakesNothing) {
  peer_listener target;
  auto proxy = proxy_to(target.port(), {"--write-timeout", "0.3"});
  const auto before = proxy.open_sockets();
  auto client = stream_client::tcp(proxy.port());
  auto deaf = target.accept();
  const std::string much(100'000, 'x');
  EXPECT_GT(client.send_some(much), 0U);
  EXPECT_TRUE(eventually([&] {
    client.send_some(much);
    return proxy.open_sockets() <= before + 1;
  }));
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  const auto said = proxy.output();
  EXPECT_NE(said.find("the deadline passed"), std::string::npos) << said;
}

// Waits for the end of a connection: whether it is a reset.
bool ends_by_reset(peer& connection) {
  try {
    static_cast<void>(connection.receive_all());
    return false;
  } catch (const std::system_error& error) {
    return error.code() == std::errc::connection_reset;
  }
}

TEST(Proxy, PassesOnAResetAsAReset) {
  peer_listener target;
  auto proxy = proxy_to(target.port());
  for (const bool by_client : {false, true}) {
    auto client = peer::connect_to(proxy.port());
    auto server = target.accept();
    client.send("x");
    EXPECT_EQ(server.receive(1), "x");
    (by_client ? client : server).reset();
    EXPECT_TRUE(ends_by_reset(by_client ? server : client)) << by_client;
  }
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
}

TEST(Proxy, ClosesAConnectionThatIsSilentInBothDirectionsOnly) {
  peer_listener target;
  auto proxy = proxy_to(target.port(), {"--idle-timeout", "0.5"});
  auto client = stream_client::tcp(proxy.port());
  auto server = target.accept();
  const auto start = std::chrono::steady_clock::now();
  // One direction speaks for longer than the limit.
  while (std::chrono::steady_clock::now() - start < 1500ms) {
    server.send("x");
    EXPECT_EQ(client.read_exactly(1), "x");
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
}

TEST(Proxy, LosesNoDescriptorsInAStorm) {
  running_service server(ECHO_SERVER_PROGRAM);
  auto proxy = proxy_to(server.port());
  const auto before = proxy.open_sockets();
  std::mt19937_64 random(seed());
  for (std::size_t i = 0; i < scaled(500); ++i) {
    auto client = stream_client::tcp(proxy.port());
    const auto what = random() % 3;
    if (what == 0) client.reset();
    if (what == 1) {
      client.send("x");
      EXPECT_EQ(client.read_exactly(1), "x");
    }
  }
  EXPECT_TRUE(eventually([&] { return proxy.open_sockets() <= before + 1; }));
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
}

TEST(Proxy, StopsUnderLoad) {
  running_service server(ECHO_SERVER_PROGRAM);
  auto proxy = proxy_to(server.port());
  process load(
      {ASYNC_CLIENT_LOAD_PROGRAM, proxy.address(), "--connections", "50", "--duration", "60"});
  EXPECT_TRUE(eventually([&] { return proxy.processor_time() > 50ms; }));
  EXPECT_EQ(proxy.stop(SIGTERM), 0);
  EXPECT_EQ(proxy.output(), "proxy: stopped\n");
  EXPECT_NE(load.read_rest().find("50 of 50 connections failed"), std::string::npos);
  EXPECT_EQ(load.wait(), 1);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
