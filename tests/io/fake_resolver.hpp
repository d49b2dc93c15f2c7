// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::test {

/// This program has a getaddrinfo() of its own, which knows the names below and asks the system's
/// for all others:
///   two.test   127.0.0.2 and 127.0.0.1, in this order
///   many.test  127.0.0.3, 127.0.0.4, ... 127.0.0.52 and 127.0.0.1, in this order
///   none.test  does not exist
///   slow.test  127.0.0.1; answered only while no slow_names lives
class slow_names {
 public:
  slow_names();
  ~slow_names();
  slow_names(const slow_names&) = delete;
  slow_names& operator=(const slow_names&) = delete;

  /// Blocks until `count` lookups of slow.test are under way.
  void await_lookups(int count) const;
};

}  // namespace troupe::test
