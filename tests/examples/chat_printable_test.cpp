// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/printable.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using chat::printable;
using namespace std::string_view_literals;

TEST(ChatPrintable, KeepsText) {
  for (const auto text : {""sv, "tea, 3 cups ~"sv, "caf\u00e9 \u20ac \U0001f375"sv,
                          "\u00a0\u07ff\u0800\ud7ff\ue000\U00010000\U0010ffff"sv}) {
    EXPECT_EQ(printable(text), text);
  }
  // No UTF-8, and nothing that is obeyed: ISO 8859-1.
  EXPECT_EQ(printable("caf\xe9 \xa0\xff"), "caf\xe9 \xa0\xff");
}

TEST(ChatPrintable, DropsControlCharacters) {
  EXPECT_EQ(printable("a\0b\t\x1b[J\r\n\x7f"sv), "ab[J");
  for (int c = 0x80; c < 0xa0; ++c) {
    const auto byte = static_cast<char>(c);
    EXPECT_EQ(printable(std::string("a\xc2") + byte + "J"), "aJ");
    EXPECT_EQ(printable(std::string("a") + byte + "J"), "aJ");
  }
  // The same bytes within other characters.
  EXPECT_EQ(printable("\u20db\u00db\U0001f69b"), "\u20db\u00db\U0001f69b");
}

TEST(ChatPrintable, DropsControlBytesOfMalformedSequences) {
  EXPECT_EQ(printable("\xc0\x9bJ"), "\xc0J");      // too long for ESC
  EXPECT_EQ(printable("\xe0\x82\x9bJ"), "\xe0J");  // and for U+009B
  EXPECT_EQ(printable("\xf0\x80\x82\x9bJ"), "\xf0J");
  EXPECT_EQ(printable("\xed\xa0\x9b"), "\xed\xa0");  // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x9b"), "\xf4");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xf5\x9b\x9b\x9b"), "\xf5");
  EXPECT_EQ(printable("\xe2\x9b"), "\xe2");  // cut off
  EXPECT_EQ(printable("\xf0\x9f\x9b"), "\xf0");
  EXPECT_EQ(printable("\xe2\x9b\xc2\x9b"), "\xe2");
  EXPECT_EQ(printable("\xc2\x1b\x9bJ"), "\xc2J");  // what is dropped joins nothing
}

}  // namespace
