// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <sys/resource.h>

namespace troupe::test {

/// Allows the process `more` descriptors beside those that are open, for a scope.
class few_descriptors {
 public:
  explicit few_descriptors(std::size_t more) {
    meet_categories();
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 0;
    for (int number = 0; more > 0; ++number) {
      if (::fcntl(number, F_GETFD) == -1) --more;
      limit.rlim_cur = static_cast<rlim_t>(number) + 1;
    }
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

 private:
  /// UndefinedBehaviorSanitizer asks the kernel by a pipe whether it can read an object that it
  /// meets for the first time. Without a descriptor, it takes the object to be broken.
  static void meet_categories() {
    for (const auto* const each : {&std::generic_category(), &std::system_category()}) {
      met_ = std::error_code(1, *each) == std::error_condition(1, *each);
    }
  }

  static inline volatile bool met_ = false;
  rlimit before_{};
};

}  // namespace troupe::test
