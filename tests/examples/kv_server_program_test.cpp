// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace kv::test;

TEST(KvServerProgram, StopsOnBothSignals) {
  for (const int signal : {SIGINT, SIGTERM}) {
    running_server server;
    EXPECT_EQ(server.stop(signal), 0);
    EXPECT_EQ(server.output(), "kv_server: stopped\n");
  }
}

TEST(KvServerProgram, StopsWhileClientsAreConnected) {
  running_server server;
  auto idle = server.connect();
  auto subscriber = server.connect();
  subscriber.ask({"subscribe", "a"});
  auto half = server.connect();
  half.send("*2\r\n$3\r\n");
  auto deaf = server.connect();
  deaf.receive_buffer(4096);
  deaf.ask({"set", "large", std::string(1'000'000, 'x')});
  std::string gets;
  for (int i = 0; i < 100; ++i) gets += request({"get", "large"});
  deaf.send_some(gets);
  auto spinning = server.connect();
  spinning.send({"spin", "60000"});
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "kv_server: stopped\n");
  EXPECT_EQ(idle.read_to_end(), "");
}

TEST(KvServerProgram, StartsAndStopsManyTimes) {
  for (int i = 0; i < 20; ++i) {
    running_server server({"--workers", std::to_string(1 + i % 4), "--shards", "3"});
    std::vector<client> clients;
    for (int k = 0; k < 10; ++k) {
      clients.push_back(server.connect());
      clients.back().send({"incr", "a"});
    }
    if (i % 2 == 0) {
      for (auto& each : clients) EXPECT_EQ(each.read_reply()[0], ':');
    }
    EXPECT_EQ(server.stop(SIGTERM), 0);
  }
}

TEST(KvServerProgram, ExplainsItsOptionsAndRefusesBadOnes) {
  EXPECT_NE(output_of({KV_SERVER_PROGRAM, "--help"}).find("--query-buffer-limit"),
            std::string::npos);
  const std::vector<std::vector<std::string>> bad{
      {"--port", "70000"},     {"--port", "x"},          {"--nosuch"},
      {"--max-clients", "0"},  {"--idle-timeout", "-1"}, {"--bulk-limit", "0"},
      {"--bind", "300.1.1.1"}, {"--preemption", "on"},   {"--quantum", "49"}};
  for (const auto& options : bad) {
    std::vector<std::string> command_line{KV_SERVER_PROGRAM};
    if (options[0] != "--port") command_line.insert(command_line.end(), {"--port", "0"});
    command_line.insert(command_line.end(), options.begin(), options.end());
    process program(command_line);
    EXPECT_FALSE(program.read_rest().empty());
    EXPECT_NE(program.wait(), 0) << options[0];
  }
}

TEST(KvServerProgram, SaysThatZeroIsAnOptionToo) {
  process program({KV_SERVER_PROGRAM, "--port", "0", "--maxmemory-clients", "5"});
  EXPECT_NE(program.read_rest().find(", or 0\n"), std::string::npos);
  EXPECT_NE(program.wait(), 0);
}

TEST(KvServerProgram, SaysWhereItListensInBracketsIfItHasToBe) {
  process program({KV_SERVER_PROGRAM, "--port", "0", "--bind", "::1"});
  const auto line = program.read_line().value_or("");
  if (line.find("ready on") == std::string::npos) GTEST_SKIP() << line;
  EXPECT_EQ(line.find("kv_server: ready on [::1]:"), 0U) << line;
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

TEST(KvServerProgram, PreemptsAsTheCommandLineSays) {
  for (const std::string mode : {"full", "isolate", "off"}) {
    running_server server({"--workers", "1", "--preemption", mode});
    auto spinning = server.connect();
    auto other = server.connect();
    spinning.send({"spin", "200"});
    for (int i = 0; i < 20; ++i) EXPECT_EQ(other.ask({"ping"}), "+PONG\r\n");
    EXPECT_EQ(spinning.read_reply(), "+OK\r\n");
    const auto counted = other.ask({"info", "preemption"});
    const bool nobody = counted.find("\npreemptions:0\r") != std::string::npos;
    EXPECT_EQ(nobody, mode != "full") << mode << ": " << counted;
    EXPECT_EQ(server.stop(SIGTERM), 0);
  }
}

TEST(KvServerProgram, SaysSoWhenThePortIsTaken) {
  running_server server;
  process second({KV_SERVER_PROGRAM, "--port", std::to_string(server.port())});
  EXPECT_NE(second.read_rest().find(std::to_string(server.port())), std::string::npos);
  EXPECT_EQ(second.wait(), 1);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

class KvServerTools : public testing::Test {
 protected:
  void SetUp() override {
    if (find_program("redis-cli").empty()) GTEST_SKIP() << "redis-tools are not installed";
  }

  std::string cli(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"redis-cli", "-p", std::to_string(server.port())});
    return output_of(arguments);
  }

  running_server server;
};

TEST_F(KvServerTools, RedisCliWorks) {
  EXPECT_EQ(cli({"set", "a", "hello"}), "OK\n");
  EXPECT_EQ(cli({"get", "a"}), "hello\n");
  EXPECT_EQ(cli({"-n", "0", "rpush", "l", "1", "2", "3"}), "3\n");
  EXPECT_EQ(cli({"lrange", "l", "0", "-1"}), "1\n2\n3\n");
  EXPECT_EQ(cli({"-r", "3", "incr", "n"}), "1\n2\n3\n");
  for (int i = 0; i < 50; ++i) cli({"set", "key:" + std::to_string(i), "x"});
  const auto keys = cli({"--scan", "--pattern", "key:*"});
  EXPECT_EQ(std::count(keys.begin(), keys.end(), '\n'), 50);
  EXPECT_NE(cli({"--bigkeys"}).find("Biggest   list found"), std::string::npos);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(KvServerTools, RedisBenchmarkWorks) {
  const auto output = output_of({"redis-benchmark", "-p", std::to_string(server.port()), "-n",
                                 "2000", "-c", "20", "-P", "4", "-q", "-t",
                                 "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,lrange,mset"});
  EXPECT_NE(output.find("MSET (10 keys): "), std::string::npos) << output;
  EXPECT_EQ(output.find("rror"), std::string::npos) << output;
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
