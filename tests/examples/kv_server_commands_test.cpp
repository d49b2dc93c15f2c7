// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_random_commands.hpp>
#include <examples/kv_redis_server.hpp>
#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace kv::test;

class KvServer : public testing::Test {
 protected:
  void SetUp() override {
    if (!redis_server::installed()) GTEST_SKIP() << "redis-server is not installed";
  }
};

TEST_F(KvServer, AnswersRandomPipelinesAsRedisDoes) {
  constexpr int commands = 20'000;
  redis_server redis;
  running_server server({"--shards", "3"});
  auto theirs = redis.connect();
  auto ours = server.connect();
  random_commands source(troupe::test::seed());
  std::mt19937_64 random(troupe::test::seed());
  for (int done = 0; done < commands;) {
    std::vector<random_command> batch;
    std::string bytes;
    for (auto left = 1 + random() % (random() % 4 == 0 ? 200 : 10); left != 0; --left) {
      batch.push_back(source.next());
      const auto& words = batch.back().arguments;
      bytes += request({words.begin(), words.end()});
    }
    theirs.send(bytes);
    // To ours the batch may come in pieces.
    const auto cut = random() % 2 == 0 ? bytes.size() : random() % bytes.size();
    ours.send(bytes.substr(0, cut));
    if (random() % 4 == 0) std::this_thread::yield();
    ours.send(bytes.substr(cut));
    for (const auto& each : batch) {
      const auto expected = theirs.read_reply();
      const auto answer = ours.read_reply();
      ASSERT_TRUE(same_answer(each.how, expected, answer))
          << shown(each) << "\nredis-server: " << expected << "\nkv_server: " << answer;
      ++done;
    }
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(KvServer, AnswersConnectionsAndBadInputAsRedisDoes) {
  redis_server redis;
  running_server server;
  const std::vector<std::string> inputs{
      "PING\r\nping hello\r\nping a b\r\necho x\r\necho\r\n",
      "\r\n\r\n  \r\nping\r\n*0\r\n*-1\r\nping\r\n",
      "select 0\r\nselect 99\r\nselect -1\r\nselect 99999999999999\r\nselect x\r\nselect\r\n",
      "client\r\nclient foo\r\nclient setname\r\nclient setname \"a b\"\r\nclient getname\r\n",
      "client setname bob\r\nclient getname\r\nclient getname x\r\nclient setname ''\r\n"
      "client getname\r\n",
      "client list foo\r\nclient list id\r\nclient list id x\r\nclient id x\r\n",
      "config get\r\nconfig\r\nconfig foo\r\nconfig get save\r\nconfig get appendonly\r\n"
      "config get maxmemory\r\nconfig get nosuch\r\nCONFIG GET APPENDONLY\r\n",
      "command foo\r\ncommand count x\r\ncommand docs nosuch\r\ncommand info nosuch\r\n",
      "client list id 0\r\nclient list id -1\r\nclient list type foo\r\n"
      "client list type pubsub\r\nclient list type master\r\nclient list type\r\n",
      "scan -1\r\nscan -\r\nscan +x\r\n",
      "post x\r\nping\r\n",
      "Host: x\r\nping\r\n",
      "subscribe a b\r\npsubscribe c\r\nreset\r\nping\r\nreset x\r\n",
      "client setname bob\r\nreset\r\nclient getname\r\n",
      "info nosuch\r\n",
      "set 'a b' \"\\x41\\n\"\r\nget 'a b'\r\n",
      "set a 1\r\nget\r\n*1\r\n$3\r\nfoo\r\n",
      "*1\r\n$4\r\npingXX*1\r\n$4\r\nping\r\n",
      "flushall foo\r\nscan x\r\nscan 0 count 0\r\nscan 0 count x\r\nscan 0 foo\r\nscan 0 "
      "match\r\n",
      "subscribe a b\r\nget x\r\nping\r\nping x\r\nnosuch\r\nsubscribe\r\nunsubscribe a\r\n"
      "unsubscribe\r\nunsubscribe\r\npunsubscribe\r\npunsubscribe x*\r\nping\r\n",
      "psubscribe a* b*\r\nsubscribe c\r\npsubscribe a*\r\npunsubscribe a*\r\nunsubscribe c\r\n"
      "punsubscribe b*\r\nset a 1\r\n",
      "publish nobody x\r\npublish\r\npublish a\r\n",
      "quit\r\nping\r\n",
      "quit foo\r\n",
      "quit\r\n*1\r\n$-2\r\n",
      "post x\r\n*1\r\n$-2\r\n",
      "subscribe x\r\nquit\r\n",
      "subscribe x\r\nclient list\r\nclient ID\r\nclient id x\r\nclient bogus\r\nclient\r\n",
      "subscribe x\r\nconfig get\r\nconfig get x\r\nconfig BOGUS\r\nconfig help\r\nconfig\r\n",
      "subscribe x\r\ncommand\r\ncommand list x\r\ncommand count x\r\ncommand docs\r\n"
      "command info get\r\ncommand bogus\r\ncommand help x\r\n",
      "command help x\r\nconfig help x\r\nclient help x\r\ncommand list x\r\n",
      "set k v\r\nexpire k 1 \"z\\r\\n\"\r\nexpire k 1 \"\\n\"\r\nexpire k 1 \"a\\nb\\x00c\"\r\n",
      "hello 2 \"a\\x00b\"\r\nclient list type \"a\\x00b\"\r\nclient list type \"a\\r\\n\"\r\n",
      "foo \"bar\\r\\n\"\r\n\"fo\\x00o\" x\r\nclient \"\\r\\n\"\r\nconfig \"a\\x00b\"\r\n",
      "*x\r\n",
      "*1\r\nfoo\r\n",
      "*1\r\n\r\n\r\n",
      "*1\r\n$-1\r\n",
      "*1\r\n$536870913\r\n",
      "*2147483648\r\n",
      "ping\r\n*1\r\n$x\r\nping\r\n",
      "\"foo\r\n",
      "ping 'a'b\r\n",
      std::string(70'000, 'x'),
      "*" + std::string(70'000, '1'),
      "*1\r\n$" + std::string(70'000, '1'),
      "*1\r\n" + std::string(70'000, 'x'),
  };
  for (const auto& input : inputs) {
    const auto answers = [&](client to) {
      to.send(input);
      to.shutdown_send();
      return to.read_to_end();
    };
    EXPECT_EQ(answers(server.connect()), answers(redis.connect())) << input.substr(0, 200);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, TellsAboutItselfAndItsClients) {
  running_server server({"--max-clients", "123", "--shards", "3", "--workers", "2"});
  auto one = server.connect();
  auto two = server.connect();
  EXPECT_EQ(two.ask({"client", "setname", "second"}), "+OK\r\n");
  EXPECT_EQ(one.ask({"mset", "a", "1", "b", "2"}), "+OK\r\n");
  EXPECT_EQ(one.ask({"set", "c", "1", "ex", "1000"}), "+OK\r\n");

  const auto id = [](client& who) { return std::stoi(who.ask({"client", "id"}).substr(1)); };
  EXPECT_LT(id(one), id(two));
  const auto clients = one.ask({"client", "list"});
  EXPECT_NE(clients.find("name=second"), std::string::npos) << clients;
  EXPECT_NE(clients.find("cmd=client"), std::string::npos) << clients;
  EXPECT_NE(one.ask({"client", "info"}).find("id=" + std::to_string(id(one)) + " "),
            std::string::npos);
  EXPECT_EQ(one.ask({"client", "list", "id", std::to_string(id(two))}).find("name= "),
            std::string::npos);

  EXPECT_EQ(info_field(one, "server", "tcp_port"), std::to_string(server.port()));
  EXPECT_EQ(info_field(one, "server", "shards"), "3");
  EXPECT_EQ(info_field(one, "server", "process_id"), std::to_string(server.id()));
  EXPECT_EQ(info_field(one, "clients", "connected_clients"), "2");
  EXPECT_EQ(info_field(one, "clients", "maxclients"), "123");
  EXPECT_EQ(info_field(one, "keyspace", "db0"), "keys=3,expires=1,avg_ttl=0");
  EXPECT_GT(std::stoll(info_field(one, "memory", "used_memory_rss")), 0);
  EXPECT_GE(std::stoll(info_field(one, "stats", "total_commands_processed")), 3);
  EXPECT_EQ(info_field(one, "stats", "total_connections_received"), "2");
  for (const auto* const section :
       {"# Server", "# Clients", "# Memory", "# Stats", "# Preemption", "# Keyspace"}) {
    EXPECT_NE(one.ask({"info"}).find(section), std::string::npos);
  }
  two.close();
  while (info_field(one, "clients", "connected_clients") != "1") std::this_thread::yield();

  EXPECT_EQ(one.ask({"config", "get", "maxclients"}), "*2\r\n$10\r\nmaxclients\r\n$3\r\n123\r\n");
  const auto count = std::stoi(one.ask({"command", "count"}).substr(1));
  EXPECT_GT(count, 50);
  EXPECT_TRUE(one.ask({"command"}).starts_with("*" + std::to_string(count) + "\r\n"));
  EXPECT_EQ(one.ask({"command", "docs"}), "*0\r\n");
  EXPECT_TRUE(
      one.ask({"command", "info", "get", "nosuch"})
          .starts_with("*2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, AnswersToAPipelineLeaveInFewWrites) {
  constexpr int pings = 1000;
  constexpr int many_fewer = 100;  // they come in one piece, or in a few if the kernel cuts it
  running_server server;
  auto one = server.connect();
  const auto writes = [&] { return std::stoi(info_field(one, "stats", "total_writes_processed")); };
  const int before = writes();
  EXPECT_EQ(writes(), before + 1);  // the answer to INFO itself
  std::string pipeline;
  for (int i = 0; i < pings; ++i) pipeline += request({"ping"});
  one.send(pipeline);
  for (int i = 0; i < pings; ++i) ASSERT_EQ(one.read_reply(), "+PONG\r\n");
  EXPECT_LT(writes() - before, many_fewer);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, KeysExpireWhetherAnybodyLooksAtThemOrNot) {
  running_server server;
  auto one = server.connect();
  for (int i = 0; i < 3000; ++i) {
    one.send({"set", "key:" + std::to_string(i), "x", "px", std::to_string(1 + i % 100)});
  }
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(one.read_reply(), "+OK\r\n");
  one.ask({"set", "lasting", "x"});
  one.ask({"set", "long", "x", "ex", "1000"});
  while (one.ask({"dbsize"}) != ":2\r\n") std::this_thread::yield();
  EXPECT_EQ(one.ask({"get", "key:1"}), "$-1\r\n");
  EXPECT_GE(std::stoll(info_field(one, "stats", "expired_keys")), 3000);
  // An earlier time than the one the server waits for.
  one.ask({"pexpire", "lasting", "20"});
  while (one.ask({"dbsize"}) != ":1\r\n") std::this_thread::yield();
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, ClientsDoNotLoseEachOthersUpdates) {
  constexpr int clients = 8;
  constexpr int rounds = 300;
  running_server server({"--shards", "4"});
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&server, i] {
      auto own = server.connect();
      const auto name = "own:" + std::to_string(i);
      for (int round = 0; round < rounds; ++round) {
        std::string batch;
        for (int k = 0; k < 7; ++k) batch += request({"incr", "shared:" + std::to_string(k)});
        own.send(batch + request({"rpush", name, std::to_string(round)}));
        for (int k = 0; k < 7; ++k) own.read_reply();
        EXPECT_EQ(own.read_reply(), integer(round + 1));
      }
    });
  }
  for (auto& each : threads) each.join();
  auto one = server.connect();
  for (int k = 0; k < 7; ++k) {
    EXPECT_EQ(one.ask({"incrby", "shared:" + std::to_string(k), "0"}), integer(clients * rounds));
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, LargeValuesComeBackWhole) {
  running_server server;
  auto one = server.connect();
  std::mt19937_64 random(troupe::test::seed());
  for (const std::size_t size : {16'000U, 16'384U, 70'000U, 1'000'000U, 20'000'000U}) {
    std::string value(size, 0);
    for (auto& c : value) c = static_cast<char>(random());
    ASSERT_EQ(one.ask({"set", "large", value}), "+OK\r\n");
    ASSERT_TRUE(one.ask({"get", "large"}) == bulk(value));
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvServerAlone, SpinKeepsAConnectionBusyForItsTime) {
  running_server server;
  auto one = server.connect();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(one.ask({"spin", "30"}), "+OK\r\n");
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(30));
  EXPECT_EQ(one.ask({"spin", "x"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(one.ask({"spin", "-1"}),
            "-ERR value is out of range, value must between 0 and 60000\r\n");
  EXPECT_EQ(one.ask({"spin"}), "-ERR wrong number of arguments for 'spin' command\r\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

// How far the client of that number has come in a SPIN.
std::uint64_t spins_of(client& asked, const std::string& number) {
  const auto line = asked.ask({"client", "list", "id", number});
  const auto start = line.find(" spins=");
  return start == std::string::npos ? 0 : std::stoull(line.substr(start + 7));
}

TEST(KvServerAlone, SpinningClientsHoldUpNobodyAndAllProgress) {
  running_server server({"--workers", "1"});
  auto one = server.connect();
  std::vector<client> spinning;
  std::vector<std::string> numbers;
  for (int i = 0; i < 3; ++i) {
    spinning.push_back(server.connect());
    numbers.push_back(std::to_string(std::stoi(spinning.back().ask({"client", "id"}).substr(1))));
    spinning.back().send({"spin", "60000"});
  }
  for (const auto& number : numbers) {
    std::uint64_t first = 0;
    while (first == 0) first = spins_of(one, number);
    while (spins_of(one, number) == first) EXPECT_EQ(one.ask({"set", "a", "1"}), "+OK\r\n");
  }
  EXPECT_GT(std::stoull(info_field(one, "preemption", "preemptions")), 0U);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
