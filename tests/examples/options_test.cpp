// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace troupe::test;

struct example {
  std::string name;
  std::string program;
  std::vector<std::string> arguments;  // without which it does not start
};

class ExampleOptions : public testing::TestWithParam<example> {
 protected:
  std::vector<std::string> command_line(const std::vector<std::string>& more) const {
    std::vector<std::string> result{GetParam().program};
    result.insert(result.end(), GetParam().arguments.begin(), GetParam().arguments.end());
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }
  // That the program ends with an error that contains the text.
  void expect_refused(const std::vector<std::string>& more, const std::string& text) const {
    process program(command_line(more));
    const auto said = program.read_rest();
    EXPECT_NE(said.find(text), std::string::npos) << said;
    EXPECT_NE(program.wait(), 0) << text;
  }
};

TEST_P(ExampleOptions, AreExplained) {
  EXPECT_NE(output_of({GetParam().program, "--help"}).find("Usage: " + GetParam().name),
            std::string::npos);
}

TEST_P(ExampleOptions, WithANameThatIsUnknownAreRefused) {
  expect_refused({"--nosuch"}, "--nosuch");
}

class ServiceOptions : public ExampleOptions {};

TEST_P(ServiceOptions, OutOfRangeAreRefusedByTheirValue) {
  for (const std::string port : {"65536", "70000", "-1", "+80", "0x50", " 80", "80 ", "8e1", "x"}) {
    expect_refused({"--port=" + port}, "'" + port + "' is no port from 0 to 65535");
  }
  expect_refused({"--port", ""}, "'' is no port from 0 to 65535");
  expect_refused({"--max-connections", "0"}, "Value 0 not in range");
  expect_refused({"--workers", "5000"}, "5000");
  for (const std::string address : {"300.1.1.1", "nosuchhost", "1.2.3"}) {
    expect_refused({"--port", "0", "--bind", address}, address + ":0: no IPv4 or IPv6 address");
  }
}

TEST_P(ServiceOptions, WithAPortThatIsTakenAreRefused) {
  const running_service first(GetParam().program, GetParam().arguments);
  expect_refused({"--port", std::to_string(first.port())}, std::to_string(first.port()));
}

TEST_P(ServiceOptions, StartAServiceThatStopsOnBothSignals) {
  for (const int signal : {SIGINT, SIGTERM}) {
    running_service service(GetParam().program, GetParam().arguments);
    EXPECT_EQ(service.stop(signal), 0);
    EXPECT_EQ(service.output(), GetParam().name + ": stopped\n");
  }
}

const std::vector<example> services{{"chat_server", CHAT_SERVER_PROGRAM, {}},
                                    {"echo_server", ECHO_SERVER_PROGRAM, {}},
                                    {"http_server", HTTP_SERVER_PROGRAM, {}},
                                    {"proxy", PROXY_PROGRAM, {"127.0.0.1:1"}}};

const std::vector<example> clients{
    {"async_client_load", ASYNC_CLIENT_LOAD_PROGRAM, {"127.0.0.1:1"}},
    {"echo_client", ECHO_CLIENT_PROGRAM, {"127.0.0.1:1"}}};

std::string name_of(const testing::TestParamInfo<example>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Services, ServiceOptions, testing::ValuesIn(services), name_of);
INSTANTIATE_TEST_SUITE_P(Services, ExampleOptions, testing::ValuesIn(services), name_of);
INSTANTIATE_TEST_SUITE_P(Clients, ExampleOptions, testing::ValuesIn(clients), name_of);

TEST(PeerOption, IsRefusedWhenItIsNoHostAndPort) {
  for (const std::string text : {"localhost", ":80", "localhost:", "localhost:0", "localhost:65536",
                                 "::1:80", "localhost:8x"}) {
    process program({ECHO_CLIENT_PROGRAM, text});
    const auto said = program.read_rest();
    EXPECT_NE(said.find("'" + text + "'"), std::string::npos) << said;
    EXPECT_NE(program.wait(), 0) << text;
  }
}

// That a program refuses each of these as the value of its option.
void expect_values_refused(const std::string& program, const std::string& option,
                           const std::vector<std::string>& texts, const std::string& reason) {
  for (const auto& text : texts) {
    process refusing({program, option, text});
    const auto said = refusing.read_rest();
    EXPECT_NE(said.find("'" + text + "' " + reason), std::string::npos) << said;
    EXPECT_NE(refusing.wait(), 0) << text;
  }
}

TEST(TimeOption, IsRefusedWhenItIsNoTime) {
  expect_values_refused(ECHO_SERVER_PROGRAM, "--timeout",
                        {"0", "0.0009", "-1", "nan", "inf", "1e10", "2s", "1,5", "0x2", ""},
                        "is no time in seconds from 0.001 to 1000000000");
}

TEST(SizeOption, IsRefusedWhenItIsNoSize) {
  expect_values_refused(
      HTTP_SERVER_PROGRAM, "--max-body",
      {"0", "-5", "1.5", "12Q", "K", "12 34", "1073741825", "2G", "99999999999999999999", "x", ""},
      "is no number of bytes from 1 to 1073741824");
}

TEST(SizeOption, TakesUnits) {
  for (const std::string text : {"1", "64K", "64kb", "1 MiB", "1G"}) {
    running_service service(HTTP_SERVER_PROGRAM, {"--max-body", text});
    EXPECT_EQ(service.stop(SIGTERM), 0) << text;
  }
}

TEST(ClientOptions, StopOnBothSignals) {
  running_service server(ECHO_SERVER_PROGRAM);
  const std::vector<std::vector<std::string>> endless{
      {ASYNC_CLIENT_LOAD_PROGRAM, server.address(), "--duration", "1000"},
      {ECHO_CLIENT_PROGRAM, server.address(), "x", "--rounds", "1000000000"}};
  for (const auto& command_line : endless) {
    for (const int signal : {SIGINT, SIGTERM}) {
      const auto before = server.processor_time();
      process client(command_line);
      EXPECT_TRUE(eventually([&] { return server.processor_time() > before; }));
      client.signal(signal);
      while (const auto line = client.read_line()) EXPECT_EQ(*line, "x");  // echo_client's
      EXPECT_EQ(client.wait(), 130) << command_line.front();
    }
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
