// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/detail/bound_path.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe::io::detail {

bound_path::bound_path(std::string path) noexcept : path_(std::move(path)) {
  struct stat about;
  if (::lstat(path_.c_str(), &about) != 0) {
    path_.clear();  // somebody has removed it already
    return;
  }
  device_ = about.st_dev;
  inode_ = about.st_ino;
}

void bound_path::remove() noexcept {
  struct stat about;
  if (!path_.empty() && ::lstat(path_.c_str(), &about) == 0 && about.st_dev == device_ &&
      about.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  path_.clear();
}

}  // namespace troupe::io::detail
