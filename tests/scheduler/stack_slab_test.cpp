// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>
#include <troupe/scheduler/internal/stack_slab.hpp>

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe::detail {
namespace {

constexpr std::size_t kib = 1024;
constexpr bool sanitized = TROUPE_ASAN || TROUPE_TSAN;

/// Pools are immortal, those of tests too.
stack_pool& new_pool(guard_installer guard, std::size_t high_water = 256) {
  return *new stack_pool(round_stack_size(64 * kib), guard, high_water);
}

bool kernel_guards_without_splitting() {
  const std::size_t page = page_size();
  void* const memory =
      ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool works = ::madvise(memory, page, 102) == 0;  // MADV_GUARD_INSTALL
  ::munmap(memory, page);
  return works;
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
}

std::size_t max_map_count() {
  std::size_t count = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> count;
  return count;
}

std::size_t resident_pages(const stack& s) {
  std::vector<unsigned char> pages(s.size() / page_size());
  EXPECT_EQ(::mincore(s.base(), s.size(), pages.data()), 0);
  return static_cast<std::size_t>(
      std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
}

void limit_address_space(std::size_t bytes) {
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &limit);
}

void touch(std::byte* address) { *static_cast<volatile std::byte*>(address) = std::byte{1}; }

TEST(StackSlab, SizesAreRoundedUpToPagesAndToTheMinimum) {
  EXPECT_EQ(round_stack_size(0), minimum_stack_size);
  EXPECT_EQ(round_stack_size(minimum_stack_size), minimum_stack_size);
  EXPECT_EQ(round_stack_size(minimum_stack_size + 1), minimum_stack_size + page_size());
  EXPECT_EQ(round_stack_size(256 * kib), 256 * kib);
}

TEST(StackSlab, AnImpossibleSizeIsRefused) {
  EXPECT_THROW(acquire_stack(SIZE_MAX), std::invalid_argument);
  EXPECT_THROW(acquire_stack(std::size_t{1} << 60), std::invalid_argument);
}

TEST(StackSlab, EveryByteOfAStackIsUsable) {
  stack* const s = acquire_stack(100 * kib);
  EXPECT_GE(s->size(), 100 * kib);
  EXPECT_EQ(s->top() - s->base(), static_cast<std::ptrdiff_t>(s->size()));
  std::memset(s->base(), 0xaa, s->size());
  release_stack(s);
}

TEST(StackSlab, EqualSizesShareAPoolAndDifferentOnesDoNot) {
  EXPECT_EQ(&pool_for(100 * kib), &pool_for(100 * kib - 1));
  EXPECT_NE(&pool_for(100 * kib), &pool_for(200 * kib));
}

TEST(StackSlab, AReleasedStackIsTheNextOneHandedOut) {
  stack_pool& pool = new_pool(install_guard);
  stack* const first = pool.acquire(stack_use::actor);
  stack* const second = pool.acquire(stack_use::actor);
  EXPECT_NE(first, second);
  pool.release(first);
  EXPECT_EQ(pool.acquire(stack_use::actor), first);
}

TEST(StackSlab, AStackIsFoundByEveryAddressInItAndItsGuard) {
  stack* const s = acquire_stack(64 * kib);
  EXPECT_EQ(find_stack(s->base()), s);
  EXPECT_EQ(find_stack(s->top() - 1), s);
  EXPECT_EQ(find_stack(s->base() - 1), s);
  EXPECT_TRUE(s->guards(s->base() - 1));
  EXPECT_TRUE(s->guards(s->base() - page_size()));
  EXPECT_FALSE(s->guards(s->base()));
  EXPECT_FALSE(s->guards(s->top()));
  release_stack(s);
}

TEST(StackSlab, ForeignAddressesBelongToNoStack) {
  acquire_stack(64 * kib);
  int local = 0;
  EXPECT_EQ(find_stack(&local), nullptr);
  EXPECT_EQ(find_stack(nullptr), nullptr);
  EXPECT_EQ(find_stack(reinterpret_cast<void*>(UINTPTR_MAX)), nullptr);
}

TEST(StackSlab, StacksLieAnOddNumberOfPagesApart) {
  for (const std::size_t size : {64 * kib, 68 * kib}) {
    const stack_pool pool(round_stack_size(size));  // without slabs it may go
    EXPECT_EQ((pool.stack_size() + pool.guard_size()) / page_size() % 2, 1U);
  }
}

TEST(StackSlab, SlabsStartSmallAndGrow) {
  stack_pool& pool = new_pool(install_guard);
  pool.acquire(stack_use::actor);
  EXPECT_EQ(pool.count().mapped, 16U);
  for (int i = 0; i < 16; ++i) pool.acquire(stack_use::actor);
  EXPECT_EQ(pool.count().mapped, 32U);
  EXPECT_EQ(pool.count().used, 17U);
}

TEST(StackSlab, StacksAboveTheHighWaterMarkGiveTheirPagesBack) {
  stack_pool& pool = new_pool(install_guard, 1);
  stack* const kept = pool.acquire(stack_use::actor);
  stack* const trimmed = pool.acquire(stack_use::actor);
  for (stack* s : {kept, trimmed}) touch(s->top() - 1);
  EXPECT_EQ(resident_pages(*trimmed), 1U);
  pool.release(kept);
  pool.release(trimmed);
  EXPECT_EQ(pool.count().warm, 1U);
  EXPECT_EQ(resident_pages(*kept), 1U);
  EXPECT_EQ(resident_pages(*trimmed), 0U);
}

class StackGuardDeathTest : public testing::TestWithParam<guard_installer> {};

TEST_P(StackGuardDeathTest, AnAccessBelowTheStackFaults) {
  stack* const s = new_pool(GetParam()).acquire(stack_use::actor);
  touch(s->base());
  EXPECT_DEATH(touch(s->base() - 1), "");
  EXPECT_DEATH(touch(s->base() - page_size()), "");
}

TEST_P(StackGuardDeathTest, TheGuardSurvivesTrimmingAndReuse) {
  stack_pool& pool = new_pool(GetParam(), 0);
  stack* const s = pool.acquire(stack_use::actor);
  pool.release(s);
  ASSERT_EQ(pool.acquire(stack_use::actor), s);
  touch(s->base());
  EXPECT_DEATH(touch(s->base() - 1), "");
}

INSTANTIATE_TEST_SUITE_P(BothWays, StackGuardDeathTest,
                         testing::Values(&install_guard, &install_guard_mprotect),
                         [](const auto& way) { return way.index == 0 ? "Default" : "Mprotect"; });

int guard_failure = 0;
int failing_guard(void*, std::size_t) noexcept { return guard_failure; }

TEST(StackSlab, RunningOutOfMappingsNamesTheLimitAndHowToRaiseIt) {
  stack_pool& pool = new_pool(failing_guard);
  guard_failure = ENOMEM;
  try {
    pool.acquire(stack_use::actor);
    FAIL() << "no exception";
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), std::errc::not_enough_memory);
    const std::string text = e.what();
    EXPECT_NE(text.find("vm.max_map_count is " + std::to_string(max_map_count())),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("sysctl -w vm.max_map_count="), std::string::npos) << text;
  }
  EXPECT_EQ(pool.count().used, 0U);
  guard_failure = 0;
  EXPECT_NE(pool.acquire(stack_use::actor), nullptr);
}

TEST(StackSlabDeathTest, RunningOutOfMappingsForRealThrows) {
  if (sanitized) GTEST_SKIP() << "sanitizers need mappings of their own";
  if (max_map_count() > 200'000) GTEST_SKIP() << "it would take too many";
  EXPECT_EXIT(
      {
        stack_pool& pool = new_pool(install_guard_mprotect);
        try {
          for (;;) pool.acquire(stack_use::actor);
        } catch (const std::system_error& e) {
          // Not enough mappings are left to print with anything that allocates much.
          std::fputs(e.what(), stderr);
          std::_Exit(pool.count().used > 1000 ? 0 : 1);
        }
      },
      testing::ExitedWithCode(0), "vm.max_map_count is");
}

TEST(StackSlabDeathTest, RunningOutOfAddressSpaceNamesTheLimit) {
  if (sanitized) GTEST_SKIP() << "sanitizers reserve terabytes";
  EXPECT_EXIT(
      {
        limit_address_space(std::size_t{1} << 30);
        try {
          for (;;) acquire_stack(4096 * kib);
        } catch (const std::system_error& e) {
          std::fputs(e.what(), stderr);
          std::_Exit(e.code() == std::errc::not_enough_memory ? 0 : 1);
        }
      },
      testing::ExitedWithCode(0), "RLIMIT_AS is 1073741824 bytes");
}

TEST(StackSlab, HundredsOfThousandsOfGuardedStacksTakeFewMappings) {
  if (!kernel_guards_without_splitting()) GTEST_SKIP() << "needs Linux 6.13";
  const std::size_t wanted = sanitized ? 20'000 : 200'000;
  stack_pool& pool = *new stack_pool(round_stack_size(256 * kib));
  const std::size_t before = mappings();
  std::vector<stack*> all;
  for (std::size_t i = 0; i < wanted; ++i) {
    all.push_back(pool.acquire(stack_use::actor));
    touch(all.back()->top() - 1);
  }
  EXPECT_LT(mappings(), before + 1000);
  EXPECT_EQ(find_stack(all.front()->base()), all.front());
  EXPECT_EQ(find_stack(all.back()->base()), all.back());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  for (stack* s : all) pool.release(s);
  EXPECT_EQ(pool.count().used, 0U);
}

TEST(StackSlab, NoTwoThreadsEverHoldTheSameStack) {
  stack_pool& pool = new_pool(install_guard, 8);
  const auto work = [&pool](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<stack*> mine;
    const auto tag = [&](stack* s) { return reinterpret_cast<std::uint64_t*>(s->top()) - 1; };
    for (int i = 0; i < 20'000; ++i) {
      if (mine.empty() || (mine.size() < 30 && random() % 2 == 0)) {
        stack* const s = pool.acquire(stack_use::actor);
        *tag(s) = seed;
        mine.push_back(s);
      } else {
        std::swap(mine[random() % mine.size()], mine.back());
        EXPECT_EQ(*tag(mine.back()), seed);
        pool.release(mine.back());
        mine.pop_back();
      }
    }
    for (stack* s : mine) pool.release(s);
  };
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 4; ++i) threads.emplace_back(work, test::seed() + i);
  for (auto& t : threads) t.join();
  EXPECT_EQ(pool.count().used, 0U);
  EXPECT_EQ(pool.count().warm + pool.count().cold, pool.count().mapped);
}

TEST(StackSlab, ThreadsThatAskForTheSameNewSizeAtOnceGetOnePool) {
  for (std::size_t round = 0; round < 100; ++round) {
    const std::size_t size = 1024 * kib + round * page_size();
    stack_pool* pools[2] = {};
    std::thread other([&] { pools[0] = &pool_for(size); });
    pools[1] = &pool_for(size);
    other.join();
    EXPECT_EQ(pools[0], pools[1]);
  }
}

}  // namespace
}  // namespace troupe::detail
