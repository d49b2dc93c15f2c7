// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// 10,000 connections at a time; under a sanitizer fewer.
#include <examples/running_service.hpp>
#include <examples/stream_client.hpp>
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/open_files.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace troupe::test;

TEST(ManyConnections, TenThousandAreServedAtATime) {
  const std::size_t count = scaled(10'000);
  const open_files limit(count + 500);  // the server's is raised by itself, as far
  if (!limit.suffice()) GTEST_SKIP() << limit.what_is_needed();
  running_service server(ECHO_SERVER_PROGRAM, {"--max-connections", std::to_string(count)});
  const auto before = server.open_sockets();
  {
    std::vector<stream_client> clients;
    clients.reserve(count);
    for (std::size_t i = 0; i < count; ++i) clients.push_back(stream_client::tcp(server.port()));
    for (const std::string round : {"first", "second"}) {
      for (std::size_t i = 0; i < count; ++i) clients[i].send(round + std::to_string(i));
      for (std::size_t i = 0; i < count; ++i) {
        const auto expected = round + std::to_string(i);
        ASSERT_EQ(clients[i].read_exactly(expected.size()), expected);
      }
    }
    EXPECT_GE(server.open_sockets(), before + count);
  }
  EXPECT_TRUE(eventually([&] { return server.open_sockets() <= before + 1; }));
  auto last = stream_client::tcp(server.port());
  last.send("still here");
  EXPECT_EQ(last.read_exactly(10), "still here");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
