// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <random>
#include <thread>
#include <vector>

namespace troupe::test {

/// Calls `visit(std::mt19937_64&)` so many times in all, from so many threads at once, and returns
/// when all have come to an end. An exception that leaves it fails the test, and ends its thread.
template <class Visit>
void storm(std::size_t threads, std::size_t visits, const Visit& visit) {
  std::vector<std::jthread> visitors;
  for (std::size_t i = 0; i < threads; ++i) {
    const std::size_t share = visits / threads + (i < visits % threads ? 1 : 0);
    visitors.emplace_back([&visit, share, random = std::mt19937_64(seed() + i)]() mutable {
      try {
        for (std::size_t k = 0; k < share; ++k) visit(random);
      } catch (const std::exception& problem) {
        ADD_FAILURE() << problem.what();
      }
    });
  }
}

}  // namespace troupe::test
