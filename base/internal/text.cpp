// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/internal/text.hpp>

namespace troupe::detail {

bool has_zero_byte(const std::string& text) noexcept {
  return text.find('\0') != std::string::npos;
}

std::string shown(const std::string& text) {
  std::string all;
  for (const char c : text) {
    if (c == '\0') {
      all += "(zero byte)";
    } else {
      all += c;
    }
  }
  return all;
}

}  // namespace troupe::detail
