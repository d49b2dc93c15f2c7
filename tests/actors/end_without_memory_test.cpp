// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What the runtime owes to actors, and to whoever destroys a system, when memory has run out.
#include <troupe/base/sanitizer.hpp>
#include <troupe/troupe.hpp>

#include <support/address_space.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <system_error>

namespace troupe {
namespace {

using test::eventually;
using test::leave_address_space;
using namespace std::chrono_literals;

#if !TROUPE_ASAN && !TROUPE_TSAN  // their shadow memory needs more address space than is left here

struct number {
  int value;
};
struct get {};
/// Too large for the smallest envelopes, of which answers are.
struct question {
  std::array<std::uint64_t, 6> of_many_words;
};
struct go {};

struct idler : actor<void(number), int(get)> {
  void on(number) {}
  int on(get) { return 1; }
};

/// Keeps what it is sent, and answers nothing.
void keep_all(context& self) {
  self.receive([](go) {});
}

/// Where an optimiser sees it: what nobody uses it does not allocate.
void* volatile last_allocated = nullptr;

bool allocate(std::size_t bytes) {
  last_allocated = std::malloc(bytes);
  return last_allocated != nullptr;
}

/// Leaves nothing: no actor, no message, and not sixteen bytes on the heap.
void use_up_memory(system& sys) {
  const actor_ref<void(number)> hoarder = sys.spawn<void(number)>(&keep_all);
  leave_address_space(std::size_t{32} << 20);
  try {
    for (;;) sys.spawn<idler>();
  } catch (const std::system_error&) {
  }
  try {
    for (;;) hoarder.send(number{1});
  } catch (const std::system_error&) {
  }
  for (std::size_t bytes = std::size_t{1} << 20; bytes >= 16; bytes /= 2) {
    while (allocate(bytes)) {
    }
  }
}

[[noreturn]] void destroy_a_full_system() {
  {
    system sys({.workers = 2});
    use_up_memory(sys);
  }
  std::_Exit(0);
}

/// Each of many actors watches one, which then ends by an exception.
[[noreturn]] void watch_one_that_fails() {
  static std::atomic<int> watching{0};
  static std::atomic<int> told{0};
  static std::atomic<bool> full{false};
  constexpr int watchers = 100;
  system sys({.workers = 2, .on_failure = [](const failure&) {}});
  const any_ref watched = sys.spawn([](context& self) {
    while (!full) self.yield();
    throw std::bad_alloc();
  });
  for (int i = 0; i < watchers; ++i) {
    sys.spawn([watched](context& self) {
      self.monitor(watched);
      ++watching;
      self.receive([](const down& d) { told += d.reason.code() == exit_reason::kind::error; });
    });
  }
  if (!eventually([] { return watching == watchers; })) std::_Exit(1);
  use_up_memory(sys);
  full = true;
  std::_Exit(eventually([] { return told == watchers; }) ? 0 : 2);
}

/// Some go on until they cannot: what ends them is an exception, and not the process.
[[noreturn]] void watch_until_memory_is_used_up() {
  static std::atomic<bool> full{false};
  system sys({.workers = 2});
  leave_address_space(std::size_t{32} << 20);
  sys.spawn([](context& self) {
    try {
      for (;;) self.monitor(self.spawn<idler>());
    } catch (const std::exception&) {
      full = true;
    }
  });
  std::_Exit(eventually([] { return full.load(); }) ? 0 : 1);
}

/// Those who wait for an answer get an error when the one they asked ends.
[[noreturn]] void ask_one_that_ends() {
  static std::atomic<int> asking{0};
  static std::atomic<int> refused{0};
  static std::atomic<bool> full{false};
  constexpr int askers = 1000;
  system sys({.workers = 1, .preempt = {.mode = preemption::off}});
  const auto asked = sys.spawn<int(question)>([](context& self) {
    while (!full) self.yield();
  });
  for (int i = 0; i < askers; ++i) {
    sys.spawn([asked](context& self) {
      ++asking;
      try {
        static_cast<void>(self.ask(asked, question{}));
      } catch (const std::system_error&) {
        ++refused;
      }
    });
  }
  if (!eventually([] { return asking == askers; })) std::_Exit(1);
  use_up_memory(sys);
  full = true;
  std::_Exit(eventually([] { return refused == askers; }) ? 0 : 2);
}

class EndWithoutMemoryDeathTest : public testing::Test {
 protected:
  EndWithoutMemoryDeathTest() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

TEST_F(EndWithoutMemoryDeathTest, ASystemThatHasUsedUpMemoryCanBeDestroyed) {
  EXPECT_EXIT(destroy_a_full_system(), testing::ExitedWithCode(0), "");
}

TEST_F(EndWithoutMemoryDeathTest, WatchersAreTold) {
  EXPECT_EXIT(watch_one_that_fails(), testing::ExitedWithCode(0), "");
}

TEST_F(EndWithoutMemoryDeathTest, MonitorThrowsWhereItIsCalled) {
  EXPECT_EXIT(watch_until_memory_is_used_up(), testing::ExitedWithCode(0), "");
}

TEST_F(EndWithoutMemoryDeathTest, RequestsFail) {
  EXPECT_EXIT(ask_one_that_ends(), testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace troupe
