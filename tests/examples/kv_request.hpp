// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kv::test {

/// A request as clients send it: an array of bulk strings. Published messages look the same.
inline std::string request(const std::vector<std::string_view>& arguments) {
  std::string result;
  result.append("*").append(std::to_string(arguments.size())).append("\r\n");
  for (const auto each : arguments) {
    result.append("$").append(std::to_string(each.size())).append("\r\n");
    result.append(each).append("\r\n");
  }
  return result;
}

/// Answers.
inline std::string integer(std::int64_t number) {
  std::string result(":");
  return result.append(std::to_string(number)).append("\r\n");
}
inline std::string bulk(std::string_view text) {
  std::string result("$");
  result.append(std::to_string(text.size())).append("\r\n");
  return result.append(text).append("\r\n");
}

}  // namespace kv::test
