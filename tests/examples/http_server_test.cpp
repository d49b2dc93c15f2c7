// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>
#include <examples/stream_client.hpp>
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/scratch_directory.hpp>
#include <support/storm.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <random>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::test;

const std::string get = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
const std::string hello = "Hello, World!\n";

running_service http_server(std::vector<std::string> options = {}) {
  return running_service(HTTP_SERVER_PROGRAM, std::move(options));
}

// The answer to one request on a connection that stays: head and body of known length.
std::string read_answer(stream_client& from) {
  auto head = from.read_until("\r\n\r\n");
  const std::string name = "Content-Length: ";
  const auto at = head.find(name);
  if (at == std::string::npos) return head;
  const auto length = std::stoul(head.substr(at + name.size()));
  return head + from.read_exactly(length);
}

// While it is the only connection, none of the server's descriptors is about to be closed.
stream_client served_client(const running_service& server) {
  auto client = stream_client::tcp(server.port());
  client.send(get);
  EXPECT_TRUE(read_answer(client).ends_with(hello));
  return client;
}

void expect_served(const running_service& server) { served_client(server).close(); }

std::string answer_to_all(const running_service& server, const std::string& bytes) {
  auto client = stream_client::tcp(server.port());
  client.send_some(bytes);
  return client.read_to_end();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

class HttpServerTools : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto* const name : {"curl", "wrk"}) {
      ASSERT_FALSE(find_program(name).empty()) << name << " is missing: script/bootstrap";
    }
  }
  std::string url(const std::string& path) const { return "http://" + server.address() + path; }

  running_service server = http_server();
};

TEST_F(HttpServerTools, CurlGetsPagesAndErrors) {
  EXPECT_EQ(curl({url("/")}), hello);
  EXPECT_EQ(curl({url("/"), url("/"), url("/?x")}), hello + hello + hello);
  EXPECT_EQ(curl({"--http1.0", url("/")}), hello);
  EXPECT_NE(curl({"--head", url("/about")}).find("\r\nContent-Length: "), std::string::npos);
  EXPECT_EQ(curl({url("/stream?lines=3&pause=20")}), "line 1\nline 2\nline 3\n");
  EXPECT_EQ(curl({"--http1.0", url("/stream?lines=2")}), "line 1\nline 2\n");
  EXPECT_EQ(count(curl({url("/stream?lines=100000")}), "\n"), 100'000U);
  EXPECT_EQ(curl({"--http2", url("/")}), hello);  // an upgrade that is declined
  const auto code = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "/dev/null", "--write-out", "%{http_code}"});
    return curl(arguments);
  };
  EXPECT_EQ(code({url("/nothing")}), "404");
  EXPECT_EQ(code({"--request", "DELETE", url("/")}), "405");
  EXPECT_EQ(code({"--head", url("/stream")}), "405");
  EXPECT_EQ(code({url("/stream?lines=many")}), "400");
  EXPECT_EQ(code({"--header", "X: " + std::string(40'000, 'x'), url("/")}), "431");
  EXPECT_EQ(code({url("/" + std::string(10'000, 'x'))}), "414");
  EXPECT_EQ(code({"--header", "Expect: wonders", "--data", "x", url("/echo")}), "417");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(HttpServerTools, CurlSendsBodiesUpToTheLimit) {
  const scratch_directory directory;
  const auto file = directory.path() + "/body";
  const auto write_file = [&](std::size_t size) {
    std::ofstream(file, std::ios::binary) << std::string(size, 'x');
  };
  write_file(1'000'000);
  EXPECT_EQ(curl({"--data-binary", "@" + file, url("/echo")}).size(), 1'000'000U);
  EXPECT_EQ(
      curl({"--header", "Transfer-Encoding: chunked", "--data-binary", "@" + file, url("/echo")})
          .size(),
      1'000'000U);
  write_file(2'000'000);
  EXPECT_EQ(curl({"--output", "/dev/null", "--write-out", "%{http_code}", "--data-binary",
                  "@" + file, url("/echo")}),
            "413");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(HttpServerTools, WrkGetsNothingButGoodAnswers) {
  const auto output = output_of({"wrk", "-t1", "-c64", "-d1s", url("/")});
  EXPECT_NE(output.find("Requests/sec:"), std::string::npos) << output;
  EXPECT_EQ(output.find("Non-2xx"), std::string::npos) << output;
  EXPECT_EQ(output.find("Socket errors"), std::string::npos) << output;
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(HttpServerTools, StopsUnderLoad) {
  process load({"wrk", "-t1", "-c64", "-d60s", url("/")});
  EXPECT_TRUE(eventually([&] { return server.processor_time() > 50ms; }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "http_server: stopped\n");
}

TEST(HttpServer, AnswersAPipelineInOrder) {
  auto server = http_server();
  auto client = stream_client::tcp(server.port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    const auto body = "number " + std::to_string(i);
    requests += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body;
  }
  client.send(requests + "GET /stream?lines=1 HTTP/1.1\r\nHost: a\r\n\r\n" +
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(read_answer(client).ends_with("number " + std::to_string(i)));
  }
  const auto rest = client.read_to_end();
  EXPECT_NE(rest.find("\r\n\r\n7\r\nline 1\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), std::string::npos);
  EXPECT_NE(rest.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(rest.ends_with(hello));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, SaysThatABodyIsWelcome) {
  auto server = http_server();
  auto client = stream_client::tcp(server.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_TRUE(read_answer(client).ends_with("\r\n\r\nok"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, AnswersAndClosesWhatItDoesNotUnderstand) {
  auto server = http_server();
  const std::vector<std::pair<std::string, std::string>> all{
      {"\x16\x03\x01 hello over TLS\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
      {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {get + "nonsense\r\n\r\n", "400"}};
  for (const auto& [bytes, code] : all) {
    const auto answer = answer_to_all(server, bytes);
    EXPECT_NE(answer.find("HTTP/1.1 " + code), std::string::npos) << bytes << answer;
  }
  expect_served(server);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, TakesAByteAtATimeButNotForEver) {
  auto server = http_server({"--request-timeout", "1"});
  auto patient = stream_client::tcp(server.port());
  for (const char each : get) patient.send(std::string(1, each));
  EXPECT_TRUE(read_answer(patient).ends_with(hello));
  // A slow loris never stops, and never comes to an end.
  std::vector<stream_client> lorises;
  for (std::size_t i = 0; i < scaled(500); ++i) {
    lorises.push_back(stream_client::tcp(server.port()));
    lorises.back().send("GET / HTTP/1.1\r\nHost: a\r\n");
  }
  const auto start = std::chrono::steady_clock::now();
  while (!lorises.front().readable(50ms)) {
    for (auto& each : lorises) each.send_some("X: y\r\n");
    expect_served(server);
    ASSERT_LT(std::chrono::steady_clock::now() - start, 1min);
  }
  for (auto& each : lorises) {
    EXPECT_NE(each.read_to_end().find("HTTP/1.1 408"), std::string::npos);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, ClosesHalfARequestAndASilentConnection) {
  auto server = http_server({"--request-timeout", "0.3", "--idle-timeout", "0.3"});
  for (const auto* const bytes : {"G", "GET / HTTP/1.1\r\n",
                                  "POST /echo HTTP/1.1\r\nHost: a\r\n"
                                  "Content-Length: 100\r\n\r\nabc"}) {
    EXPECT_NE(answer_to_all(server, bytes).find("HTTP/1.1 408"), std::string::npos) << bytes;
  }
  EXPECT_EQ(answer_to_all(server, ""), "");
  EXPECT_TRUE(answer_to_all(server, get).ends_with(hello));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, EmptyLinesKeepNoConnection) {
  auto server = http_server({"--idle-timeout", "0.5"});
  auto client = stream_client::tcp(server.port());
  client.send(get);
  EXPECT_TRUE(read_answer(client).ends_with(hello));
  const auto start = std::chrono::steady_clock::now();
  while (!client.readable(50ms)) {
    client.send_some("\r\n");
    ASSERT_LT(std::chrono::steady_clock::now() - start, 1min);
  }
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, ARequestThatIsAlwaysReadyHasItsDeadlineToo) {
  auto server = http_server({"--request-timeout", "0.001", "--max-body", "1G"});
  auto client = stream_client::tcp(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  const std::string bytes(1'000'000, 'x');
  for (std::size_t sent = 0; !client.readable(0ms); sent += client.send_some(bytes)) {
    ASSERT_LT(sent, 900'000'000U);
  }
  expect_served(server);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, EndsAStreamForAClientOfHttp10ByItsConnection) {
  auto server = http_server();
  const auto answer =
      answer_to_all(server, "GET /stream?lines=2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nline 1\nline 2\n")) << answer;
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, TakesTargetsInAbsoluteForm) {
  auto server = http_server();
  const auto answer = answer_to_all(
      server, "GET http://here/?x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.ends_with(hello)) << answer;
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, BoundsTheMemoryOfAllBodies) {
  auto server = http_server({"--max-bodies", "1500K"});
  const auto post = [](std::size_t size) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  // False: it was refused while it was being sent.
  const auto sent = [](stream_client& by, const std::string& bytes) {
    try {
      by.send(bytes);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  };
  // Two that come at the same time may both be refused.
  EXPECT_TRUE(eventually([&] {
    auto first = stream_client::tcp(server.port());
    auto other = stream_client::tcp(server.port());
    if (!sent(first, post(1'000'000) + std::string(999'999, 'x'))) return false;
    static_cast<void>(sent(other, post(700'000) + std::string(700'000, 'x')));
    if (other.read_until("\r\n") != "HTTP/1.1 503 Service Unavailable\r\n") return false;
    expect_served(server);
    return sent(first, "x") && read_answer(first).ends_with("xxx");
  }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, DisconnectsThoseWhoNeverReadAndSaysWhy) {
  auto server = http_server({"--write-timeout", "0.3"});
  const auto witness = served_client(server);
  const auto before = server.open_sockets();
  std::vector<stream_client> deaf;
  for (int i = 0; i < 10; ++i) {
    deaf.push_back(stream_client::tcp(server.port()));
    deaf.back().receive_buffer(4096);
    std::string requests;
    for (int k = 0; k < 50; ++k) requests += "GET /stream?lines=100000 HTTP/1.1\r\nHost: a\r\n\r\n";
    deaf.back().send(requests);
  }
  expect_served(server);
  EXPECT_TRUE(eventually([&] { return server.open_sockets() <= before; }));
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), 100'000'000U);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
  const auto said = server.output();
  EXPECT_NE(said.find("http_server: a connection was given up: "), std::string::npos) << said;
  EXPECT_NE(said.find("the deadline passed"), std::string::npos) << said;
}

TEST(HttpServer, HugeHeadersCostNothing) {
  auto server = http_server();
  for (int i = 0; i < 50; ++i) {
    auto client = stream_client::tcp(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    const std::string field = "X: " + std::string(10'000, 'x') + "\r\n";
    for (int k = 0; k < 1000 && client.send_some(field) != 0; ++k) {
    }
  }
  expect_served(server);
  if (memory_is_measurable()) {
    EXPECT_LT(server.peak_memory(), 60'000'000U);
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(HttpServer, SurvivesAStormOfConnections) {
  auto server = http_server();
  const auto witness = served_client(server);
  const auto before = server.open_sockets();
  storm(64, scaled(6400), [&](std::mt19937_64& random) {
    auto client = stream_client::tcp(server.port());
    if (random() % 2 == 0) {
      client.send_some(get.substr(0, random() % (get.size() + 1)));
    } else {  // which keeps the others from outrunning the server
      client.send(get);
      EXPECT_TRUE(read_answer(client).ends_with(hello));
    }
    if (random() % 2 == 0) client.reset();
  });
  expect_served(server);
  EXPECT_TRUE(eventually([&] { return server.open_sockets() <= before; }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "http_server: stopped\n");
}

class HttpServerIsFull : public testing::Test {
 protected:
  running_service server = http_server({"--max-connections", "1"});
  stream_client first = served_client(server);
  std::size_t before = server.open_sockets();
};

// Most HTTP clients read nothing before they have sent all; a reset on the way is all that they
// see.
TEST_F(HttpServerIsFull, TellsOneTooManyThatSendsABody) {
  EXPECT_NE(answer_to_all(server, "").find("HTTP/1.1 503"), std::string::npos);
  const std::string piece(3000, 'x');
  for (int i = 0; i < 100; ++i) {
    auto other = stream_client::tcp(server.port());
    other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n");
    EXPECT_TRUE(other.readable(1min));
    for (int k = 0; k < 10; ++k) ASSERT_NO_THROW(other.send(piece));
    ASSERT_NE(other.read_to_end().find("HTTP/1.1 503"), std::string::npos);
  }
  first.send(get);
  EXPECT_TRUE(read_answer(first).ends_with(hello));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(HttpServerIsFull, ThoseTurnedAwayHoldLittleForAMoment) {
  std::vector<stream_client> others;
  for (int i = 0; i < 100; ++i) others.push_back(stream_client::tcp(server.port()));
  for (auto& each : others) {
    EXPECT_NE(each.read_to_end().find("HTTP/1.1 503"), std::string::npos);
    EXPECT_LE(server.open_sockets(), before + 33);
  }
  const std::string bytes(100'000, 'x');
  EXPECT_TRUE(eventually([&] {
    for (std::size_t i = 1; i < others.size(); ++i) others[i].send_some(bytes);  // one is silent
    return server.open_sockets() <= before;
  }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST_F(HttpServerIsFull, ThoseTurnedAwayDoNotDelayItsEnd) {
  const auto other = stream_client::tcp(server.port());
  EXPECT_TRUE(eventually([&] { return server.open_sockets() > before; }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "http_server: stopped\n");
}

}  // namespace
