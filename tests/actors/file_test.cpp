// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/scratch_directory.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <system_error>

namespace troupe {
namespace {

class File : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return directory_ / name; }

 private:
  test::scratch_directory directory_;
};

TEST_F(File, IsReadAsItWasWritten) {
  std::string content(1'000'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  troupe::system sys({.workers = 1});
  const auto writer = sys.spawn([&](context&) {
    write_file(path("one"), content);
    EXPECT_TRUE(read_file(path("one"), content.size()) == content);
    write_file(path("one"), "short");  // replaced, not overwritten in part
    EXPECT_EQ(read_file(path("one"), SIZE_MAX), "short");
    write_file(path("one"), "");
    EXPECT_EQ(read_file(path("one"), 0), "");
  });
  sys.await_actors();
  write_file(path("two"), "a plain thread");
  EXPECT_EQ(read_file(path("two"), 100), "a plain thread");
  EXPECT_FALSE(writer.alive());
}

/// The text and code of what `call()` throws.
template <class Call>
std::pair<std::string, std::error_code> failure_of(Call&& call) {
  try {
    call();
  } catch (const std::system_error& e) {
    return {e.what(), e.code()};
  }
  return {};
}

TEST_F(File, ErrorsNameItAndTheReason) {
  const auto absent = failure_of([&] { read_file(path("absent"), 1); });
  EXPECT_EQ(absent.first, "troupe: read_file '" + path("absent") + "': No such file or directory");
  EXPECT_EQ(absent.second, std::errc::no_such_file_or_directory);
  EXPECT_EQ(failure_of([&] { read_file(path("."), 1); }).second, std::errc::is_a_directory);
  const auto unwritable = failure_of([&] { write_file(path("no/such"), "x"); });
  EXPECT_EQ(unwritable.first,
            "troupe: write_file '" + path("no/such") + "': No such file or directory");
}

TEST_F(File, APathWithAZeroByteIsNotTheOneBeforeIt) {
  write_file(path("four"), "four");
  const std::string wrong = path("four") + std::string("\0.txt", 5);
  const auto unread = failure_of([&] { read_file(wrong, 4); });
  EXPECT_EQ(unread.second, std::errc::invalid_argument);
  EXPECT_EQ(unread.first,
            "troupe: read_file '" + path("four") + "(zero byte).txt': Invalid argument");
  EXPECT_EQ(failure_of([&] { write_file(wrong, "x"); }).second, std::errc::invalid_argument);
  EXPECT_EQ(read_file(path("four"), 4), "four");
}

TEST_F(File, IsNotReadBeyondItsBound) {
  write_file(path("four"), "four");
  EXPECT_EQ(read_file(path("four"), 4), "four");
  EXPECT_EQ(failure_of([&] { read_file(path("four"), 3); }).second, std::errc::file_too_large);
  EXPECT_EQ(failure_of([] { read_file("/dev/zero", 1'000'000); }).second,
            std::errc::file_too_large);
}

}  // namespace
}  // namespace troupe
