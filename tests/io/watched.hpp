// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::test {

/// For each epoll descriptor of the process, the number of descriptors that it watches, in rising
/// order. A reactor has one, which watches an eventfd of its own.
inline std::vector<std::size_t> watched() {
  std::vector<std::size_t> counts;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry, gone) != "anon_inode:[eventpoll]") continue;
    std::ifstream info("/proc/self/fdinfo/" + entry.path().filename().string());
    std::size_t count = 0;
    for (std::string line; std::getline(info, line);) count += line.starts_with("tfd:") ? 1 : 0;
    counts.push_back(count);
  }
  std::sort(counts.begin(), counts.end());
  return counts;
}

}  // namespace troupe::test
