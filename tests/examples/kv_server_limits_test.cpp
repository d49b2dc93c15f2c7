// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Clients that ask for more than their share, and a machine that runs short of memory.
#include <sys/resource.h>
#include <sys/socket.h>

#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv::test;

// Subscribers send line ends as fast as the server takes them, until the server closes.
TEST(KvServerLimits, SubscribersThatNeverStopSendingKeepNobodyFromAnything) {
  constexpr int count = 4;
  running_server server({"--workers", "1"});
  std::vector<client> flooding;
  std::vector<std::thread> floods;
  std::atomic<int> sent{0};
  for (int i = 0; i < count; ++i) {
    flooding.push_back(server.connect());
    flooding.back().ask({"subscribe", "news"});
  }
  for (auto& each : flooding) {
    floods.emplace_back([&each, &sent] {
      const std::string lines(1'000'000, '\n');
      try {
        for (;; ++sent) each.send(lines);
      } catch (const std::exception&) {
      }
    });
  }
  while (sent < 10 * count) std::this_thread::yield();
  auto other = server.connect();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(other.ask({"publish", "news", std::to_string(i)}), integer(count));
    for (auto& each : flooding) {
      EXPECT_EQ(each.read_reply(), request({"message", "news", std::to_string(i)}));
    }
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "kv_server: stopped\n");
  for (auto& each : floods) each.join();
}

TEST(KvServerLimits, ClientsThatResetAtOnceAreNoShortage) {
  constexpr int count = 300;
  running_server server;
  ::kill(server.id(), SIGSTOP);  // so that all have left before the first is accepted
  for (int i = 0; i < count; ++i) {
    auto one = server.connect();
    const linger at_once{1, 0};
    ::setsockopt(one.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::kill(server.id(), SIGCONT);
  EXPECT_EQ(server.connect().ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "kv_server: stopped\n");  // nothing was worth a word
}

TEST(KvServerLimits, WhoHasStoppedListeningMayBeIdleForTooLong) {
  running_server server({"--idle-timeout", "1"});
  auto former = server.connect();
  former.ask({"subscribe", "a"});
  former.ask({"unsubscribe", "a"});
  EXPECT_EQ(former.read_to_end(), "");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerLimits, MessagesDoNotExcuseHalfARequest) {
  running_server server({"--request-timeout", "1"});
  auto publisher = server.connect();
  auto half = server.connect();
  half.ask({"subscribe", "a"});
  half.send("*1\r\n$4\r\n");
  int published = 0;
  while (publisher.ask({"publish", "a", "x"}) != ":0\r\n") {
    ASSERT_LT(++published, 3000);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerLimits, SubscriptionsAndPatternsAreBounded) {
  running_server server(
      {"--max-subscriptions", "3", "--max-pattern-length", "10", "--max-channel-length", "5"});
  auto one = server.connect();
  const std::string too_long(11, '*');
  const std::string refused = "-ERR pattern exceeds maximum allowed size (max-pattern-length)\r\n";
  EXPECT_EQ(one.ask({"keys", too_long}), refused);
  EXPECT_EQ(one.ask({"scan", "0", "match", too_long}), refused);
  EXPECT_EQ(one.ask({"config", "get", too_long}), refused);
  EXPECT_EQ(one.ask({"psubscribe", too_long}), refused);
  EXPECT_EQ(one.ask({"keys", std::string(10, '*')}), "*0\r\n");
  const std::string no_channel =
      "-ERR channel name exceeds maximum allowed size (max-channel-length)\r\n";
  EXPECT_EQ(one.ask({"publish", "toolong", "x"}), no_channel);
  EXPECT_EQ(one.ask({"subscribe", "toolong"}), no_channel);
  EXPECT_EQ(one.ask({"publish", "short", "x"}), ":0\r\n");
  one.send({"subscribe", "a", "b", "b", "c", "d"});
  for (const auto* const count : {":1\r\n", ":2\r\n", ":2\r\n", ":3\r\n"}) {
    EXPECT_TRUE(one.read_reply().ends_with(count));
  }
  EXPECT_EQ(one.read_reply(), "-ERR max number of subscriptions reached (max-subscriptions)\r\n");
  EXPECT_EQ(one.ask({"psubscribe", "x"}),
            "-ERR max number of subscriptions reached (max-subscriptions)\r\n");
  one.ask({"unsubscribe", "a"});
  EXPECT_TRUE(one.ask({"psubscribe", "x"}).ends_with(":3\r\n"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerLimits, AMatchThatIsHardToFindIsFoundInAKeyOfAnyLength) {
  running_server server({"--shards", "1"});
  auto one = server.connect();
  const std::string key(10'000'000, 'a');
  ASSERT_EQ(one.ask({"set", key, "x"}), "+OK\r\n");
  std::string pattern = "*";
  pattern.append(1000, 'a');
  EXPECT_EQ(one.ask({"keys", pattern + "b"}), "*0\r\n");
  one.send({"keys", pattern + "a"});
  EXPECT_TRUE(one.read_reply().starts_with("*1\r\n"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerLimits, RepeatedArgumentsDoNotRepeatAnswers) {
  running_server server;
  auto one = server.connect();
  const auto server_section = one.ask({"info", "server"});
  const auto repeated = one.ask({"info", "server", "SERVER", "server"});
  EXPECT_EQ(repeated.find("# Server", repeated.find("# Server") + 1), std::string::npos);
  EXPECT_EQ(one.ask(std::vector<std::string>(1000, "info")), "-ERR syntax error\r\n");
  EXPECT_EQ(one.ask({"config", "get", "save", "SAVE", "sav*"}), "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  std::vector<std::string> many(10'004, "0");
  many[0] = "client";
  many[1] = "list";
  many[2] = "id";
  EXPECT_EQ(one.ask(many), "-ERR syntax error\r\n");
  many.pop_back();
  EXPECT_EQ(one.ask(many), "$0\r\n\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

void limit_memory(pid_t process, rlim_t bytes) {
  rlimit limit{};
  ASSERT_EQ(::prlimit(process, RLIMIT_AS, nullptr, &limit), 0);
  limit.rlim_cur = bytes;
  ASSERT_EQ(::prlimit(process, RLIMIT_AS, &limit, nullptr), 0);
}

// What is published is held once for each pattern: more than there is memory for.
TEST(KvServerLimits, WithoutMemoryAPublicationFailsAndTheServerGoesOn) {
  if (!memory_is_measurable()) GTEST_SKIP() << "a sanitizer needs the address space";
  constexpr std::size_t patterns = 50;
  running_server server({"--pubsub-buffer-limit", "2000000000"});
  auto deaf = server.connect();
  deaf.receive_buffer(4096);
  for (std::size_t i = 1; i <= patterns; ++i)
    deaf.ask({"psubscribe", "news" + std::string(i, '*')});
  auto publisher = server.connect();
  ASSERT_EQ(publisher.ask({"publish", "other", "x"}), ":0\r\n");
  limit_memory(server.id(), server.address_space() + 400'000'000);
  EXPECT_EQ(publisher.ask({"publish", "news", std::string(20'000'000, 'x')}),
            "-OOM command not executed: out of memory\r\n");
  limit_memory(server.id(), RLIM_INFINITY);
  deaf.close();
  while (publisher.ask({"publish", "news", "x"}) != ":0\r\n") std::this_thread::yield();
  auto listening = server.connect();
  listening.ask({"subscribe", "news"});
  EXPECT_EQ(publisher.ask({"publish", "news", "x"}), ":1\r\n");
  EXPECT_EQ(listening.read_reply(), request({"message", "news", "x"}));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
