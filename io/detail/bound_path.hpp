// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace troupe::io::detail {

/// The file that bind() has made for a Unix domain socket: removed with its owner, if it is still
/// that file.
class bound_path {
 public:
  bound_path() noexcept = default;
  /// The file that is there now.
  explicit bound_path(std::string path) noexcept;
  bound_path(bound_path&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  bound_path& operator=(bound_path&& other) noexcept {
    if (this != &other) {
      remove();
      path_ = std::exchange(other.path_, {});
      device_ = other.device_;
      inode_ = other.inode_;
    }
    return *this;
  }
  ~bound_path() { remove(); }

  const std::string& text() const noexcept { return path_; }
  void remove() noexcept;

 private:
  std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace troupe::io::detail
