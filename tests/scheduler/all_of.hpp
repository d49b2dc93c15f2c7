// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/generator.hpp>

#include <utility>
#include <vector>

namespace troupe::test {

/// The values that a generator still yields.
template <class T>
std::vector<T> all_of(generator<T>& g) {
  std::vector<T> values;
  for (auto&& value : g) values.push_back(std::move(value));
  return values;
}

}  // namespace troupe::test
