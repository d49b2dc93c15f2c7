// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A program with a malloc of its own, in its own text: a behavior may be frozen while it holds the
// lock of that. So whoever lets it go on must not allocate (rule R6): neither signal handlers nor
// the monitor; and whoever does allocate, as the recruiter, must not be waited for.
#include <preempt/spinning.hpp>

#include <support/random.hpp>

#include <gtest/gtest.h>

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
void* __libc_malloc(std::size_t size);  // NOLINT(bugprone-reserved-identifier): glibc's own
void* __libc_calloc(std::size_t count, std::size_t size);    // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* block, std::size_t size);         // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t align, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void __libc_free(void* block);                               // NOLINT(bugprone-reserved-identifier)
}

namespace troupe {
namespace {

// --- the program's malloc: one lock around the C library's

pthread_mutex_t allocating = PTHREAD_MUTEX_INITIALIZER;
std::atomic<bool> watching{false};         // a test wants to know who allocates
std::atomic<int> in_handlers{0};           // calls in a signal handler, meanwhile
std::atomic<int> in_monitor{0};            // by the monitor, meanwhile
std::atomic<bool> recruiter_waits{false};  // for the lock, meanwhile

bool is_in_handler() {
  stack_t now{};
  return ::sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_ONSTACK) != 0;
}

std::string_view thread_name(std::array<char, 16>& buffer) {
  ::prctl(PR_GET_NAME, buffer.data());
  return buffer.data();
}

void note_caller() {
  if (!watching.load()) return;
  std::array<char, 16> buffer{};
  const std::string_view name = thread_name(buffer);
  if (is_in_handler()) ++in_handlers;
  if (name == "troupe-monitor") ++in_monitor;
  if (name == "troupe-spares" && ::pthread_mutex_trylock(&allocating) == 0) {
    ::pthread_mutex_unlock(&allocating);
  } else if (name == "troupe-spares") {
    recruiter_waits = true;
  }
}

/// While one lives, everybody else waits who allocates.
class allocation {
 public:
  allocation() {
    const int error = errno;
    note_caller();
    ::pthread_mutex_lock(&allocating);
    for (int i = 0; i < 20; ++i) test::spin_once();  // to be frozen here more often
    errno = error;
  }
  ~allocation() { ::pthread_mutex_unlock(&allocating); }
  allocation(const allocation&) = delete;
  allocation& operator=(const allocation&) = delete;
};

}  // namespace
}  // namespace troupe

extern "C" {

void* malloc(std::size_t size) {
  const troupe::allocation alone;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  const troupe::allocation alone;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  const troupe::allocation alone;
  return __libc_realloc(block, size);
}
void* memalign(std::size_t align, std::size_t size) {
  const troupe::allocation alone;
  return __libc_memalign(align, size);
}
void* aligned_alloc(std::size_t align, std::size_t size) { return memalign(align, size); }
int posix_memalign(void** block, std::size_t align, std::size_t size) {
  *block = memalign(align, size);
  return *block == nullptr ? ENOMEM : 0;
}
void free(void* block) {
  const troupe::allocation alone;
  __libc_free(block);
}

}  // extern "C"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::must_come;
using test::random_choices;
using test::spin_until;

/// From the moment when there are spare carriers to the end of all actors.
class watched_run {
 public:
  explicit watched_run(system& sys) : sys_(sys) {
    in_handlers = 0;
    in_monitor = 0;
    recruiter_waits = false;
    watching = true;
  }
  ~watched_run() {
    // Whoever reports a failure allocates, which is just what may hang.
    if (!eventually([&] { return sys_.actor_count() == 0; })) {
      constexpr std::string_view text = "the actors are stuck\n";
      static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
      std::abort();
    }
    watching = false;
    EXPECT_EQ(in_handlers, 0);
    EXPECT_EQ(in_monitor, 0);
  }
  watched_run(const watched_run&) = delete;
  watched_run& operator=(const watched_run&) = delete;

 private:
  system& sys_;
};

class OwnMalloc : public testing::TestWithParam<signal_source> {
 protected:
  static system_options options(std::size_t workers) {
    system_options o;
    o.workers = workers;
    o.preempt.fresh_quantum = 300us;
    o.preempt.batch_quantum = 300us;
    o.preempt.source = GetParam();
    return o;
  }
};

void allocate(random_choices& random, int times) {
  std::vector<std::unique_ptr<char[]>> kept;
  for (int i = 0; i < times; ++i) {
    kept.emplace_back(new char[random.up_to(5'000) + 1]);
    kept.back()[0] = static_cast<char>(i);
    if (kept.size() > 20) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(random.up_to(19)));
    }
  }
}

TEST_P(OwnMalloc, IsCalledNeitherInHandlersNorByTheMonitor) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys(options(workers));
    std::atomic<bool> stop{false};
    for (std::uint64_t i = 0; i < 16; ++i) {
      sys.spawn([&, i](context&) {
        random_choices random(i);
        while (!stop) allocate(random, 50);
      });
    }
    const watched_run run(sys);
    static_cast<void>(eventually([&] { return test::times_taken(sys) > 100; }));
    stop = true;
  }
}

// The holder is frozen, and the recruiter waits for it: there will be no spare carrier for whoever
// runs then. He is stopped all the same, for the holder's sake.
TEST_P(OwnMalloc, WhoseHolderIsFrozenKeepsTheRecruiterWaitingButNobodyElse) {
  std::atomic<bool> warm{false};
  std::atomic<bool> held{false};
  std::atomic<bool> released{false};
  system sys(options(1));
  for (int i = 0; i < 2; ++i) {
    sys.spawn([&](context&) { spin_until([&] { return warm.load(); }); });
  }
  must_come(sys, [&] { return sys.preemption().preemptions > 2; });
  for (int i = 0; i < 8; ++i) {
    sys.spawn([&](context& self) {
      while (!held) self.yield();
      spin_until([&] { return released.load(); });
    });
  }
  warm = true;
  must_come(sys, [&] { return sys.actor_count() == 8; });
  // It can be frozen itself.
  must_come(sys, [&] { return sys.preemption().carriers.spare > 0; });
  sys.spawn([&](context& self) {
    while (!watching) self.yield();
    {
      const allocation alone;
      held = true;
      spin_until([&] { return recruiter_waits.load(); });
    }
    released = true;
  });
  const watched_run run(sys);
}

INSTANTIATE_TEST_SUITE_P(Sources, OwnMalloc,
                         testing::Values(signal_source::kernel_timer, signal_source::monitor),
                         [](const auto& chosen) -> std::string {
                           return chosen.param == signal_source::monitor ? "Monitor"
                                                                         : "KernelTimer";
                         });

}  // namespace
}  // namespace troupe
