// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What CLIENT LIST says a client does: the command that it has begun last.
#include <examples/kv_redis_server.hpp>
#include <examples/kv_request.hpp>
#include <examples/kv_running_server.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace kv::test;

std::string number_of(client& who) {
  return std::to_string(std::stoi(who.ask({"client", "id"}).substr(1)));
}

/// The field of one client's line; the line, if it has none.
std::string command_in(const std::string& line) {
  const auto start = line.find(" cmd=");
  return start == std::string::npos ? line
                                    : line.substr(start + 5, line.find(' ', start + 1) - start - 5);
}

std::string command_of(client& asked, const std::string& number) {
  return command_in(asked.ask({"client", "list", "id", number}));
}

TEST(KvClientList, ShowsWhatAClientHasBegunLastAsRedisDoes) {
  if (!redis_server::installed()) GTEST_SKIP() << "redis-server is not installed";
  const std::vector<std::vector<std::string>> requests{
      {"get", "x"},
      {"GET"},
      {"mset", "a", "1", "b", "2", "c", "3"},
      {"no-such-command"},
      {"scan", "0"},
      {"client"},
      {"client", "no-such-subcommand"},
      {"Client", "GetName"},
      {"client", "setname"},
      {"client", "help"},
      {"client", "list", "type", "pubsub"},
      {"config", "get", "port"},
      {"config", "no-such-subcommand"},
      {"config", "help"},
      {"command"},
      {"command", "count"},
      {"command", "docs", "get"},
      {"command", "info", "get"},
      {"command", "list"},
      {"command", "help"},
      {"dbsize"},
      {"subscribe", "x"},
  };
  const redis_server redis;
  running_server server({"--shards", "3"});
  auto theirs = redis.connect();
  auto their_witness = redis.connect();
  auto ours = server.connect();
  auto our_witness = server.connect();
  const auto their_number = number_of(theirs);
  const auto our_number = number_of(ours);
  for (const auto& each : requests) {
    theirs.ask(each);
    ours.ask(each);
    const auto expected = command_of(their_witness, their_number);
    EXPECT_EQ(command_of(our_witness, our_number), expected) << request({each.begin(), each.end()});
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvClientList, ShowsClientsInTheOrderOfTheirNumbersAsGiven) {
  running_server server;
  auto one = server.connect();
  auto two = server.connect();
  const auto first = number_of(one);
  const auto second = number_of(two);
  const auto list = one.ask({"client", "list", "id", second, first, "0", second});
  std::vector<std::string> shown;
  for (auto at = list.find("id="); at != std::string::npos; at = list.find("\nid=", at)) {
    at = list.find('=', at) + 1;
    shown.push_back(list.substr(at, list.find(' ', at) - at));
  }
  EXPECT_EQ(shown, (std::vector<std::string>{second, first, second}));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvClientList, ShowsAClientThatAsksWhatItAsks) {
  running_server server;
  auto one = server.connect();
  EXPECT_EQ(command_in(one.ask({"client", "list"})), "client|list");
  EXPECT_EQ(command_in(one.ask({"client", "info"})), "client|info");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvClientList, ShowsWhichCommandIsUnderWay) {
  running_server server;
  auto one = server.connect();
  auto spinning = server.connect();
  const auto number = number_of(spinning);
  spinning.send({"spin", "60000"});
  std::string line;
  while (line.find(" spins=") == std::string::npos)
    line = one.ask({"client", "list", "id", number});
  EXPECT_EQ(command_in(line), "spin");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(KvClientList, ShowsTheLastOfManyRequestsAtATime) {
  running_server server({"--shards", "1"});
  auto one = server.connect();
  auto many = server.connect();
  const auto number = number_of(many);
  many.send(request({"get", "x"}) + request({"incr", "x"}) + request({"strlen", "x"}));
  for (int i = 0; i < 3; ++i) many.read_reply();
  EXPECT_EQ(command_of(one, number), "strlen");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
