// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>

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
  expect_refused({"--port", "70000"}, "70000");
  expect_refused({"--port", "x"}, "x");
  expect_refused({"--max-connections", "0"}, "Value 0 not in range");
  expect_refused({"--workers", "5000"}, "5000");
  expect_refused({"--port", "0", "--bind", "300.1.1.1"}, "300.1.1.1");
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

TEST(TimeOption, IsRefusedWhenItIsNoTime) {
  for (const std::string text : {"0", "-1", "nan", "inf", "1e10", "2s", ""}) {
    process program({ECHO_SERVER_PROGRAM, "--timeout=" + text});
    EXPECT_FALSE(program.read_rest().empty());
    EXPECT_NE(program.wait(), 0) << text;
  }
}

}  // namespace
