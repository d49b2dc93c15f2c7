// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

namespace troupe::test {
namespace {

std::mutex mutex;
std::optional<std::uint64_t> current;  // guarded by mutex; empty until the running test asks

std::uint64_t draw() {
  if (const char* given = std::getenv("TROUPE_SEED")) return std::strtoull(given, nullptr, 0);
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

class seed_printer : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& info) override {
    const std::scoped_lock lock(mutex);
    current.reset();
    replay_ = testing::internal::GetArgvs().front() + " --gtest_filter=" + info.test_suite_name() +
              "." + info.name();
  }

  // GoogleTest holds its own lock here, so nothing of it that takes the lock may be asked.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    const std::scoped_lock lock(mutex);
    if (!result.failed() || !current) return;
    std::printf("replay with: TROUPE_SEED=%llu %s\n", static_cast<unsigned long long>(*current),
                replay_.c_str());
    std::fflush(stdout);
  }

  std::string replay_;  // guarded by mutex: results come from any thread
};

}  // namespace

std::uint64_t seed() {
  bool drawn = false;
  std::uint64_t value = 0;
  {
    const std::scoped_lock lock(mutex);
    if (!current) {
      current = draw();
      drawn = true;
    }
    value = *current;
  }
  if (drawn) testing::Test::RecordProperty("seed", std::to_string(value));
  return value;
}

std::string seed_message() { return "TROUPE_SEED=" + std::to_string(seed()); }

void detail::install_seed_printer() {
  testing::UnitTest::GetInstance()->listeners().Append(std::make_unique<seed_printer>().release());
}

}  // namespace troupe::test
