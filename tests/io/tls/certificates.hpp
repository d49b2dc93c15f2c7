// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <support/scratch_directory.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace troupe::test {

/// A certificate and its key, in files.
struct identity {
  std::string certificate_file;
  std::string key_file;
};

/// Makes certificates: nothing in the repository expires.
class certificate_authority {
 public:
  explicit certificate_authority(const std::string& name);
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  /// Its own certificate.
  std::string file() const { return own_.certificate_file; }
  /// One for "DNS:name" or "IP:address", or several of these with commas between, valid from and to
  /// that long from now.
  identity issue(const std::string& subject, const std::string& names,
                 std::chrono::seconds from = std::chrono::hours(-1),
                 std::chrono::seconds to = std::chrono::hours(1));
  /// The name of a file with the same key, encrypted.
  std::string encrypted(const std::string& key_file, const std::string& password);

 private:
  struct keys;

  scratch_directory directory_;
  std::unique_ptr<keys> keys_;
  identity own_;
  int issued_ = 0;
};

}  // namespace troupe::test
