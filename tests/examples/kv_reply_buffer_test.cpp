// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/reply_buffer.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace {

TEST(ReplyBuffer, WritesResp) {
  kv::reply_buffer out;
  out.ok();
  out.simple("PONG");
  out.error("ERR no");
  out.integer(-12);
  out.integer(std::numeric_limits<std::int64_t>::min());
  out.bulk("ab\r\nc");
  out.bulk("");
  out.bulk_integer(77);
  out.null();
  out.null_array();
  out.array(3);
  EXPECT_EQ(
      out.view(),
      "+OK\r\n+PONG\r\n-ERR no\r\n:-12\r\n:-9223372036854775808\r\n$5\r\nab\r\nc\r\n$0\r\n\r\n"
      "$2\r\n77\r\n$-1\r\n*-1\r\n*3\r\n");
}

TEST(ReplyBuffer, LineEndsInAnErrorBecomeSpaces) {
  kv::reply_buffer out;
  out.ok();
  out.error("ERR a\r\nb\nc");
  EXPECT_EQ(out.view(), "+OK\r\n-ERR a  b c\r\n");
}

TEST(ReplyBuffer, LineEndsBehindAnErrorAreDropped) {
  kv::reply_buffer out;
  out.error("ERR a\nb \r\n\n");
  EXPECT_EQ(out.view(), "-ERR a b \r\n");
}

TEST(ReplyBuffer, KeepsWhatWasNotSent) {
  kv::reply_buffer out;
  out.raw("abcdef");
  out.consume(4);
  EXPECT_EQ(out.view(), "ef");
  out.consume(2);
  EXPECT_TRUE(out.empty());
}

TEST(ReplyBuffer, NeverExceedsItsLimit) {
  kv::reply_buffer out(5000);
  EXPECT_THROW(out.bulk(std::string(5000, 'x')), kv::output_limit_exceeded);
  const std::string piece(100, 'x');
  const auto fill = [&] {
    for (;;) out.raw(piece);
  };
  EXPECT_THROW(fill(), kv::output_limit_exceeded);
  EXPECT_LE(out.size(), 5000U);
  EXPECT_GE(out.size(), 4800U);
}

}  // namespace
