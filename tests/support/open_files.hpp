// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <sys/resource.h>

namespace troupe::test {

/// Raises the limit of open files to `wanted` for a scope, as far as that may be; says what is
/// needed where it is not.
class open_files {
 public:
  explicit open_files(std::size_t wanted) : wanted_(static_cast<rlim_t>(wanted)) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit raised = before_;
    raised.rlim_cur = std::min(std::max(wanted_, before_.rlim_cur), before_.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &raised);
    ::getrlimit(RLIMIT_NOFILE, &now_);
  }
  ~open_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  open_files(const open_files&) = delete;
  open_files& operator=(const open_files&) = delete;

  bool suffice() const { return now_.rlim_cur >= wanted_; }
  std::string what_is_needed() const {
    return "needs a hard limit of " + std::to_string(wanted_) + " open files, which is " +
           std::to_string(before_.rlim_max) + " (ulimit -Hn; as root: ulimit -Hn " +
           std::to_string(wanted_) + ", or LimitNOFILE= of the service, nofile in limits.conf)";
  }

 private:
  rlim_t wanted_;
  rlimit before_{};
  rlimit now_{};
};

}  // namespace troupe::test
