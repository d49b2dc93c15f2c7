// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// The deadlock that freezing anywhere leads to: a behavior is frozen while it holds a lock of the C
// library, and the one that would resume it needs that lock. With 64 behaviors that allocate,
// throw, print and lock, on one worker, with a quantum of 300 us, a prototype without the rules for
// libraries' code hung within seconds in four of five runs.
#include <preempt/spinning.hpp>

#include <support/random.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::get;
using test::must_end;
using test::random_choices;

/// What all spinners of a run share.
struct common {
  std::mutex mutex;
  std::map<std::uint64_t, std::string> map;  // guarded by mutex
  std::uint64_t entries = 0;                 // as well
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
};

using blocks = std::vector<std::unique_ptr<char[]>>;

void allocate(random_choices& random, blocks& kept) {
  for (int i = 0; i < 50; ++i) {
    kept.emplace_back(new char[random.up_to(5'000) + 1]);
    kept.back()[0] = static_cast<char>(i);
    if (kept.size() > 50) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(random.up_to(49)));
    }
  }
}

bool throws(random_choices& random) {
  const std::string text = "number " + std::to_string(random.up_to(99));
  try {
    if (random.one_in(2)) throw std::runtime_error(text);
    return true;
  } catch (const std::exception& e) {
    return text == e.what();
  }
}

void lock(random_choices& random, common& all) {
  const std::scoped_lock guard(all.mutex);
  const std::uint64_t before = all.entries;
  all.map[random.up_to(999)] = std::to_string(random.up_to(1'000'000'000));
  for (int i = 0; i < 500; ++i) test::spin_once();
  if (all.entries++ != before) ++all.wrong;
}

bool prints(random_choices& random) {
  const std::uint64_t n = random.up_to(1'000'000);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu %f", static_cast<unsigned long long>(n),
                static_cast<double>(n) / 4.0);
  char* end = nullptr;
  return std::strtoull(text.data(), &end, 10) == n &&
         std::strtod(end, nullptr) == static_cast<double>(n) / 4.0;
}

bool keeps_what_is_the_threads(int id) {
  thread_local int probe = 0;
  int* const address = &probe;
  *address = id;
  errno = id;
  for (int i = 0; i < 300; ++i) test::spin_once();
  return *address == id && errno == id;
}

void spin(common& all, int id, std::atomic<std::uint64_t>& work) {
  random_choices random(static_cast<std::uint64_t>(id));
  blocks kept;
  do {
    allocate(random, kept);
    lock(random, all);
    if (!throws(random) || !prints(random) || !keeps_what_is_the_threads(id)) ++all.wrong;
    ++work;
  } while (!all.stop);
}

TEST(Deadlock, OfTheProofDoesNotHappenInFiftyRuns) {
  if (TROUPE_TSAN) GTEST_SKIP() << test::deaf_while_blocked;
  constexpr int spinners = 64;
  const std::size_t runs = test::slowdown == 1 ? 50 : 50 / test::slowdown + 1;
  for (std::size_t run = 0; run < runs; ++run) {
    system_options options;
    options.workers = 1;
    options.preempt.fresh_quantum = 300us;
    options.preempt.batch_quantum = 300us;
    system sys(options);
    common all;
    std::vector<std::atomic<std::uint64_t>> work(spinners);
    for (int i = 0; i < spinners; ++i) {
      sys.spawn([&, i](context&) { spin(all, i, work[static_cast<std::size_t>(i)]); });
    }
    const auto e = sys.spawn<echo>();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(sys.ask(e, get{}), 1);
    const auto all_work = [&] {
      for (const auto& w : work) {
        if (w == 0) return false;
      }
      return true;
    };
    test::must_come(sys, all_work);
    all.stop = true;
    e.kill();
    must_end(sys);
    EXPECT_EQ(all.wrong, 0) << "run " << run << ", " << test::seed_message();
  }
}

}  // namespace
}  // namespace troupe
