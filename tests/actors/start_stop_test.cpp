// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Ten thousand systems come and go in one process: no hang, no leak.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <dirent.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::random_choices;

/// 10,000 in a plain build.
const std::size_t rounds = 10'000 / (test::slowdown * (test::slowdown > 1 ? 2 : 1));

std::size_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t in_memory = 0;
  statm >> pages >> in_memory;
  return in_memory * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t entries(const char* directory) {
  std::size_t n = 0;
  DIR* const d = ::opendir(directory);
  while (::readdir(d) != nullptr) ++n;
  ::closedir(d);
  return n;
}

struct ball {};
struct get {};

struct echo : actor<int(get), void(ball)> {
  int on(get) { return 1; }
  void on(ball) {}
};

/// One life of a system, with something of everything.
void live_once(std::size_t round, std::atomic<std::uint64_t>& bodies) {
  random_choices random(round);
  system sys({.workers = 1 + random.up_to(3), .on_failure = [](const failure&) {}});
  const auto e = sys.spawn<echo>();
  const std::uint64_t actors = random.up_to(5);
  for (std::uint64_t i = 0; i < actors; ++i) {
    sys.spawn([&bodies, e, i](context& self) {
      ++bodies;
      switch (i) {
        case 0:
          self.sleep_for(1h);
          break;
        case 1:
          self.receive([](ball) {});
          break;
        case 2:
          self.ask(e, get{});
          throw 1;
        case 3:
          self.send_after(1h, e, ball{});
          self.spawn([](context&) {});
          break;
        default:
          for (;;) self.yield();
      }
    });
  }
  counter done;
  if (random.one_in(3))
    sys.run_many(
        3, [](std::size_t) { troupe::yield(); }, done);
  if (random.one_in(3)) {
    EXPECT_EQ(sys.ask(e, get{}), 1);
  }
  if (random.one_in(3)) {
    EXPECT_TRUE(sys.shutdown(60s).clean());
  }
  done.wait();
}

TEST(StartStop, TenThousandTimesLeavesNothingBehind) {
  std::atomic<std::uint64_t> bodies{0};
  std::size_t memory = 0;
  std::size_t files = 0;
  std::size_t threads = 0;
  for (std::size_t i = 0; i < rounds; ++i) {
    live_once(i, bodies);
    if (i == rounds / 5) {
      memory = resident();
      files = entries("/proc/self/fd");
      threads = entries("/proc/self/task");
    }
  }
  EXPECT_GT(bodies, rounds / 2);
  EXPECT_EQ(entries("/proc/self/fd"), files);
  // A thread that was joined may count for a while longer, in the first count as well.
  EXPECT_TRUE(test::eventually([&] { return entries("/proc/self/task") <= threads; }));
  if (!TROUPE_ASAN && !TROUPE_TSAN) {
    EXPECT_LT(resident(), memory + (std::size_t{8} << 20)) << test::seed_message();
  }
}

TEST(StartStop, OfIdleSystemsEndsAtOnce) {
  for (std::size_t i = 0; i < rounds / 5; ++i) {
    system sys({.workers = 1 + i % 4});
    if (i % 2 == 0) sys.spawn<echo>();
  }
}

}  // namespace
}  // namespace troupe
