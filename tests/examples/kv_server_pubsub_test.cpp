// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv::test;

std::string message(const std::string& channel, const std::string& text) {
  return request({"message", channel, text});
}

TEST(KvServerPubSub, MessagesReachThoseWhoListen) {
  running_server server;
  auto publisher = server.connect();
  auto one = server.connect();
  auto two = server.connect();
  EXPECT_EQ(publisher.ask({"publish", "news", "early"}), ":0\r\n");
  EXPECT_EQ(one.ask({"subscribe", "news"}), "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  EXPECT_EQ(two.ask({"psubscribe", "n*"}), "*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:1\r\n");
  EXPECT_EQ(publisher.ask({"publish", "news", "hello"}), ":2\r\n");
  EXPECT_EQ(one.read_reply(), message("news", "hello"));
  EXPECT_EQ(two.read_reply(), request({"pmessage", "n*", "news", "hello"}));
  EXPECT_EQ(publisher.ask({"publish", "other", "x"}), ":0\r\n");
  // By its channel and by a pattern: twice.
  two.ask({"subscribe", "news"});
  EXPECT_EQ(publisher.ask({"publish", "news", "twice"}), ":3\r\n");
  EXPECT_EQ(two.read_reply(), message("news", "twice"));
  EXPECT_EQ(two.read_reply(), request({"pmessage", "n*", "news", "twice"}));
  EXPECT_EQ(info_field(publisher, "stats", "pubsub_channels"), "1");
  EXPECT_EQ(info_field(publisher, "stats", "pubsub_patterns"), "1");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerPubSub, ASubscriberThatLeavesIsForgotten) {
  running_server server;
  auto publisher = server.connect();
  {
    auto one = server.connect();
    one.ask({"subscribe", "news"});
    EXPECT_EQ(publisher.ask({"publish", "news", "x"}), ":1\r\n");
  }
  while (publisher.ask({"publish", "news", "x"}) != ":0\r\n") std::this_thread::yield();
  while (info_field(publisher, "stats", "pubsub_channels") != "0") std::this_thread::yield();
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerPubSub, MessagesComeInOrderAndBeforeTheEndOfTheSubscription) {
  constexpr int count = 20'000;
  running_server server({"--shards", "2"});
  auto subscriber = server.connect();
  auto publisher = server.connect();
  subscriber.ask({"subscribe", "a"});
  subscriber.ask({"subscribe", "b"});
  std::thread publishing([&] {
    for (int i = 0; i < count; i += 100) {
      std::string batch;
      for (int k = i; k < i + 100; ++k) batch += request({"publish", "a", std::to_string(k)});
      publisher.send(batch);
      for (int k = 0; k < 100; ++k) EXPECT_EQ(publisher.read_reply()[0], ':');
    }
  });
  for (int i = 0; i < count / 2; ++i) {
    ASSERT_EQ(subscriber.read_reply(), message("a", std::to_string(i)));
  }
  subscriber.send({"unsubscribe", "a"});
  const std::string end = "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n";
  int next = count / 2;
  for (auto got = subscriber.read_reply(); got != end; got = subscriber.read_reply()) {
    ASSERT_EQ(got, message("a", std::to_string(next++)));
  }
  EXPECT_EQ(subscriber.ask({"ping", "still there"}), "*2\r\n$4\r\npong\r\n$11\r\nstill there\r\n");
  publishing.join();
  // With nothing left to listen to, every command is allowed again.
  subscriber.ask({"unsubscribe", "b"});
  EXPECT_EQ(subscriber.ask({"set", "x", "1"}), "+OK\r\n");
  EXPECT_EQ(subscriber.ask({"ping"}), "+PONG\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerPubSub, ASubscriberMayPublishWhatItHearsElsewhere) {
  // A ring of subscribers is woken by its sockets and its mailboxes in turn.
  constexpr int rounds = 200;
  running_server server;
  auto a = server.connect();
  auto b = server.connect();
  auto publisher = server.connect();
  a.ask({"subscribe", "a"});
  b.ask({"subscribe", "b"});
  for (int i = 0; i < rounds; ++i) {
    EXPECT_EQ(publisher.ask({"publish", "a", std::to_string(i)}), ":1\r\n");
    EXPECT_EQ(a.read_reply(), message("a", std::to_string(i)));
    EXPECT_EQ(a.ask({"ping"}), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    EXPECT_EQ(publisher.ask({"publish", "b", std::to_string(i)}), ":1\r\n");
    EXPECT_EQ(b.read_reply(), message("b", std::to_string(i)));
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerPubSub, ASubscriberThatNeverReadsIsDisconnectedAndOthersDoNotNotice) {
  running_server server({"--pubsub-buffer-limit", "2000000"});
  auto publisher = server.connect();
  auto deaf = server.connect();
  deaf.receive_buffer(4096);
  auto listening = server.connect();
  deaf.ask({"subscribe", "news"});
  listening.ask({"subscribe", "news"});
  const std::string text(100'000, 'x');
  int published = 0;
  while (publisher.ask({"publish", "news", text}) != ":1\r\n") {
    ASSERT_EQ(listening.read_reply(), message("news", text));
    ASSERT_LT(++published, 1000);
  }
  ASSERT_EQ(listening.read_reply(), message("news", text));
  while (info_field(publisher, "clients", "connected_clients") != "2") std::this_thread::yield();
  EXPECT_EQ(publisher.ask({"publish", "news", "x"}), ":1\r\n");
  EXPECT_EQ(listening.read_reply(), message("news", "x"));
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), 200'000'000U);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerPubSub, ManySubscribersAllHear) {
  constexpr int count = 200;
  running_server server;
  std::vector<client> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(server.connect());
    all.back().ask({"subscribe", "news"});
  }
  auto publisher = server.connect();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(publisher.ask({"publish", "news", std::to_string(i)}), integer(count));
  }
  for (auto& each : all) {
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(each.read_reply(), message("news", std::to_string(i)));
    }
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
