// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>

#include <stdlib.h>

namespace troupe::test {

/// A new directory, removed with all that is in it. Its name is short: that of a Unix domain socket
/// has room for little more than a hundred bytes.
class scratch_directory {
 public:
  scratch_directory() {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), "mkdtemp");
    }
  }
  ~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::string& path() const { return path_; }
  /// The name of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Such a file with that content; its name.
  std::string file(const std::string& name, std::string_view content) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
  }

 private:
  std::string path_ = "/tmp/troupe-XXXXXX";  // mkdtemp() sets the last six
};

}  // namespace troupe::test
