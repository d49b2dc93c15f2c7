// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <cstddef>

namespace troupe::test {

/// For actors that are meant to fail: no line on stderr for each.
inline system_options quiet(std::size_t workers = 0) {
  system_options o;
  o.workers = workers;
  o.on_failure = [](const failure&) {};
  return o;
}

}  // namespace troupe::test
