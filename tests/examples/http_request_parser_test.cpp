// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/http/request_parser.hpp>
#include <examples/http_server/site.hpp>
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace http;
using state = request_parser::state;

// Feeds the bytes in pieces as long as `next_piece()` says. The requests, or how it failed.
struct parsed {
  std::vector<request> requests;
  std::optional<status> failure;
  state last = state::between;
};

template <class F>
parsed parse(std::string_view bytes, F&& next_piece, const request_limits& limits = {}) {
  parsed result;
  request_parser parser(limits);
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, next_piece());
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      piece.remove_prefix(parser.feed(piece));
      if (parser.progress() == state::failed) {
        result.failure = parser.failure();
        result.last = state::failed;
        return result;
      }
      if (parser.progress() != state::complete) break;
      result.requests.push_back(parser.current());
      parser.next();
    }
  }
  result.last = parser.progress();
  return result;
}

parsed parse(std::string_view bytes, const request_limits& limits = {}) {
  return parse(
      bytes, [&] { return bytes.size(); }, limits);
}

constexpr std::string_view pipeline =
    "GET /a?b=c HTTP/1.1\r\nHost: here\r\n\r\n"
    "POST /echo HTTP/1.1\r\nhOsT: here\r\nContent-Length: 5\r\n\r\nhello"
    "POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
    "HEAD / HTTP/1.0\r\n\r\n";

void expect_pipeline(const parsed& result) {
  ASSERT_FALSE(result.failure.has_value()) << text_of(*result.failure);
  ASSERT_EQ(result.requests.size(), 4U);
  EXPECT_EQ(result.requests[0].target, "/a?b=c");
  EXPECT_TRUE(result.requests[0].keep_alive);
  EXPECT_EQ(result.requests[1].body, "hello");
  EXPECT_EQ(result.requests[2].body, "abcde");
  EXPECT_EQ(result.requests[3].method, "HEAD");
  EXPECT_EQ(result.requests[3].minor_version, 0U);
  EXPECT_FALSE(result.requests[3].keep_alive);
  EXPECT_EQ(result.last, state::between);
}

TEST(HttpRequestParser, TakesAPipelineHoweverItIsCut) {
  for (std::size_t size = 1; size <= pipeline.size(); ++size) {
    expect_pipeline(parse(pipeline, [&] { return size; }));
  }
  std::mt19937_64 random(troupe::test::seed());
  for (int i = 0; i < 1000; ++i)
    expect_pipeline(parse(pipeline, [&] { return 1 + random() % 40; }));
}

TEST(HttpRequestParser, SaysWhatIsWrong) {
  const request_limits limits{.target = 100, .head = 1000, .body = 50};
  const std::string host = "Host: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\n" + host;
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::pair<std::string, status>> all{
      {"nonsense\r\n\r\n", status::bad_request},
      {"GET / HTTP/1.1\r\n\r\n", status::bad_request},
      {"GET / HTTP/1.1\r\n" + host + host + "\r\n", status::bad_request},
      {"GET / HTTP/1.1\r\n" + host + "a b: c\r\n\r\n", status::bad_request},
      {post + "Content-Length : 1\r\n\r\nx", status::bad_request},
      {"GET / HTTP/2.0\r\n" + host + "\r\n", status::version_not_supported},
      {"GET /" + std::string(200, 'x'), status::uri_too_long},
      {"GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), status::header_fields_too_large},
      {"GET / HTTP/1.1\r\n" + std::string(2000, 'x'), status::header_fields_too_large},
      {"CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n", status::method_not_allowed},
      {post + "Content-Length: 51\r\n\r\n", status::content_too_large},
      {post + "Content-Length: 99999999999999999999999\r\n\r\n", status::bad_request},
      {post + "Content-Length: -1\r\n\r\n", status::bad_request},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", status::bad_request},
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", status::bad_request},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", status::not_implemented},
      {post + "Transfer-Encoding: chunked\r\n\r\n33\r\n" + std::string(51, 'x'),
       status::content_too_large},
      {post + "Transfer-Encoding: chunked\r\n\r\nx\r\n", status::bad_request},
      {post + "Expect: 200-ok\r\n\r\n", status::expectation_failed},
      // What one server lets pass and another does not is a way to slip it a request.
      {"GET / HTTP/1.1\r\n" + host + "\rX", status::bad_request},
      {post + "Content-Length: 1\r\n\rXx", status::bad_request},
      {chunked + "1\r\nxXX0\r\n\r\n", status::bad_request},
      {chunked + "1\r\nx\n0\r\n\r\n", status::bad_request},
      {chunked + "1\rXx\r\n0\r\n\r\n", status::bad_request},
      {chunked + "1\nx\r\n0\r\n\r\n", status::bad_request},
      {chunked + "1;a\nb\r\nx\r\n0\r\n\r\n", status::bad_request},
      {chunked + "1;a\rb\r\nx\r\n0\r\n\r\n", status::bad_request},
      {chunked + ";a\r\n", status::bad_request},
      {chunked + "\r\n", status::bad_request},
      {chunked + "-1\r\n", status::bad_request},
      {chunked + "0x1\r\n", status::bad_request},
      {chunked + "0000000000000001\r\n", status::bad_request},
      {chunked + "0\r\n\rX", status::bad_request},
      {chunked + "0\r\n\n", status::bad_request},
      {chunked + "0\r\na b: c\r\n\r\n", status::bad_request},
      {chunked + "0\r\n: c\r\n\r\n", status::bad_request},
      {chunked + "0\r\na: b\rc\r\n\r\n", status::bad_request},
      {chunked + "fffffffff\r\n", status::content_too_large},
      {chunked + "1;" + std::string(2000, 'x'), status::header_fields_too_large},
      {chunked + "0\r\na: " + std::string(2000, 'x'), status::header_fields_too_large},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       status::bad_request},
      {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
       status::bad_request},
  };
  for (const auto& [bytes, code] : all) {
    const auto whole = parse(bytes, limits);
    EXPECT_EQ(whole.failure, code) << bytes;
    const auto cut = parse(
        bytes, [] { return std::size_t{1}; }, limits);
    EXPECT_EQ(cut.failure, code) << bytes;
  }
}

TEST(HttpRequestParser, TakesManyChunksWhateverIsAroundThem) {
  const request_limits limits{.head = 100, .body = 1000};
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) bytes += "01 ; a=\"b\"\r\n\n\r\n";
  bytes += "000;c\r\nX: y\r\nZ:\r\n\r\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const auto result = parse(
        bytes, [&] { return size; }, limits);
    ASSERT_EQ(result.requests.size(), 1U);
    EXPECT_EQ(result.requests[0].body, std::string(1000, '\n'));
    EXPECT_EQ(result.last, state::between);
  }
}

TEST(HttpRequestParser, BoundsTheBodiesOfAllConnectionsTogether) {
  const request_limits limits{.bodies = std::make_shared<memory_budget>(25'000)};
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n";
  const auto body = std::string(10'000, 'x');
  const auto feed_all = [](request_parser& to, std::string_view bytes) {
    while (!bytes.empty() && to.progress() != state::failed) bytes.remove_prefix(to.feed(bytes));
  };
  request_parser first(limits);
  feed_all(first, post + body);
  EXPECT_EQ(first.progress(), state::complete);
  {
    request_parser second(limits);
    feed_all(second, post + body);
    EXPECT_EQ(second.progress(), state::complete);
    request_parser third(limits);
    feed_all(third, post + body);
    EXPECT_EQ(third.failure(), status::service_unavailable);
    EXPECT_EQ(third.progress(), state::failed);
  }
  request_parser fourth(limits);
  feed_all(fourth, post + body);
  EXPECT_EQ(fourth.progress(), state::complete);
  first.next();  // which gives back what its body had
  request_parser fifth(limits);
  feed_all(fifth, post + body);
  EXPECT_EQ(fifth.progress(), state::complete);
}

TEST(HttpRequestParser, ReportsAnExpectationOnce) {
  request_parser parser({});
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n";
  EXPECT_EQ(parser.feed(head), head.size());
  EXPECT_TRUE(parser.take_expectation());
  EXPECT_FALSE(parser.take_expectation());
  EXPECT_EQ(parser.progress(), state::within);
  EXPECT_EQ(parser.feed("xGET"), 1U);
  EXPECT_EQ(parser.progress(), state::complete);
}

TEST(HttpRequestParser, SurvivesRandomBytesWithinItsLimits) {
  const request_limits limits{.target = 100, .head = 300, .body = 200};
  std::mt19937_64 random(troupe::test::seed());
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(pipeline);
    for (auto changes = random() % 6; changes > 0; --changes) {
      const auto at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 20);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 60));
          break;
      }
      if (bytes.empty()) break;
    }
    for (const auto& each : parse(
                                bytes, [&] { return 1 + random() % 60; }, limits)
                                .requests) {
      EXPECT_LE(each.target.size(), limits.target);
      EXPECT_LE(each.body.size(), limits.body);
    }
  }
}

TEST(HttpSite, TakesTargetsApart) {
  const auto expect = [](std::string_view target, std::string_view path, std::string_view query) {
    EXPECT_EQ(parse_target(target).path, path) << target;
    EXPECT_EQ(parse_target(target).query, query) << target;
  };
  expect("/", "/", "");
  expect("/a?b?c", "/a", "b?c");
  expect("/a?u=http://b/c", "/a", "u=http://b/c");
  expect("http://host:1/a?b", "/a", "b");
  expect("HTTP://host", "/", "");
  expect("http://host?b", "/", "b");
  expect("*", "*", "");
}

TEST(HttpSite, ReadsAStreamsQuery) {
  EXPECT_EQ(parse_stream_query("")->lines, 10U);
  EXPECT_EQ(parse_stream_query("lines=3&pause=7")->lines, 3U);
  EXPECT_EQ(parse_stream_query("lines=3&pause=7")->pause.count(), 7);
  for (const auto* const wrong : {"lines", "lines=", "lines=-1", "lines=100001", "pause=10001",
                                  "x=1", "lines=1x", "=", "&"}) {
    EXPECT_FALSE(parse_stream_query(wrong).has_value()) << wrong;
  }
}

TEST(HttpSite, KnowsWhatIsAllowed) {
  const auto root = find_resource("/");
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(allows(*root, "GET"));
  EXPECT_TRUE(allows(*root, "HEAD"));
  EXPECT_FALSE(allows(*root, "POST"));
  EXPECT_FALSE(allows(*root, "GE"));
  EXPECT_FALSE(find_resource("/nothing").has_value());
}

}  // namespace
