// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kv::test {

/// A request as clients send it: an array of bulk strings.
inline std::string request(const std::vector<std::string_view>& arguments) {
  std::string result = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const auto each : arguments) {
    result.append("$").append(std::to_string(each.size())).append("\r\n");
    result.append(each).append("\r\n");
  }
  return result;
}

}  // namespace kv::test
