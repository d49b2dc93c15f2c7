// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Reactors for which there is no memory.
#include <troupe/base/sanitizer.hpp>
#include <troupe/base/section.hpp>
#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/scheduler/internal/timer_entry.hpp>

#include <support/eventually.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <vector>

#include <sys/resource.h>

namespace troupe {
namespace {

#if !TROUPE_ASAN && !TROUPE_TSAN  // their shadow memory needs more address space than is left here

using namespace std::chrono_literals;
using test::eventually;

/// Lets this process have that much more address space than it has now, for a scope.
class little_memory {
 public:
  explicit little_memory(std::size_t more) {
    unsigned long pages = 0;
    std::FILE* const f = std::fopen("/proc/self/statm", "r");
    if (f == nullptr || std::fscanf(f, "%lu", &pages) != 1) std::abort();
    std::fclose(f);
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{pages * 4096 + more, before_.rlim_max};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) std::abort();
  }
  ~little_memory() { ::setrlimit(RLIMIT_AS, &before_); }
  little_memory(const little_memory&) = delete;
  little_memory& operator=(const little_memory&) = delete;

 private:
  rlimit before_{};
};

/// Of the kinds that requests travel in: released, they are there for later.
void lay_in_envelopes(std::size_t count) {
  std::vector<troupe::detail::envelope*> all(count);
  for (const std::size_t size : {0U, 1U}) {
    for (auto& e : all) e = troupe::detail::acquire_envelope(size);
    for (auto* const e : all) troupe::detail::release_envelope(*e);
  }
}

TEST(OutOfMemory, TimeoutsThatGetNoTimerWaitForOne) {
  constexpr std::size_t count = 5000;  // more than a worker keeps timers for
  troupe::system sys({.workers = 1});
  std::atomic<std::size_t> came{0};
  const auto owner = sys.spawn([&](context& self) {
    for (;;) self.receive([&](io::timeout) { ++came; });
  });
  const io::reactor_ref reactor = sys.reactor(0);
  reactor.send(io::set_timeout{io::timeout_id::make(), 0ns, owner});  // what else the first takes
  ASSERT_TRUE(eventually([&] { return came == 1; }));
  lay_in_envelopes(2 * count);
  std::vector<void*> timers;
  timers.reserve(1'000'000);
  std::size_t sent = 1;
  std::size_t cancelled = 0;
  {
    const little_memory scarce(std::size_t{1} << 20);
    try {
      const troupe::detail::section guard;
      while (timers.size() < timers.capacity())
        timers.push_back(troupe::detail::timer_entries().take_one());
      ADD_FAILURE() << "there is no end of memory";
    } catch (const std::exception&) {  // there are none left
    }
    for (; sent <= count; ++sent) {
      const auto id = io::timeout_id::make();
      reactor.send(io::set_timeout{id, 1ms, owner});
      if (sent % 16 != 0) continue;
      reactor.send(io::cancel_timeout{id});
      ++cancelled;
    }
    ASSERT_TRUE(eventually([&] { return reactor.statistics().requests == sent + cancelled; }));
  }
  {
    const troupe::detail::section guard;
    for (void* const each : timers) troupe::detail::timer_entries().give_one(each);
  }
  // A cancelled one may have been quicker.
  EXPECT_TRUE(eventually([&] { return reactor.statistics().timeouts == 0; }));
  EXPECT_TRUE(eventually([&] { return came + cancelled >= sent; })) << came << " of " << sent;
  owner.kill();
  sys.await_actors();
}

TEST(OutOfMemory, ReactorsLearnOfAnActorsEndWithoutAnEnvelope) {
  troupe::system sys({.workers = 1});
  std::vector<troupe::detail::envelope*> all;
  all.reserve(1'000'000);
  test::socket_pair pair;
  test::socket_pair kept;
  std::optional<little_memory> scarce;
  const auto bystander = sys.spawn([](context& self) { self.receive([](int) {}); });
  test::watch(sys.reactor(0), kept.near, io::interest::readable, bystander);
  const auto closed = [](const test::descriptor& far) {
    char byte;
    return ::read(far.get(), &byte, 1) == 0;
  };
  static_cast<void>(sys.spawn([&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::watch(reactor, pair.near, io::interest::readable, self.ref());
    reactor.send(io::set_timeout{io::timeout_id::make(), 1h, self.ref()});
    while (reactor.statistics().sockets != 2 || reactor.statistics().timeouts != 1)
      self.sleep_for(1ms);
    scarce.emplace(std::size_t{1} << 20);  // beyond the actor's end
    try {
      while (all.size() < all.capacity()) all.push_back(troupe::detail::acquire_envelope(0));
      ADD_FAILURE() << "there is no end of memory";
    } catch (const std::exception&) {  // its end gets none
    }
  }));
  EXPECT_TRUE(eventually([&] { return closed(pair.far); }));
  EXPECT_TRUE(eventually([&] {
    const auto now = sys.reactor(0).statistics();
    return now.timeouts == 0 && now.sockets == 1;
  }));
  EXPECT_FALSE(closed(kept.far));
  scarce.reset();
  for (troupe::detail::envelope* const e : all) troupe::detail::release_envelope(*e);
  bystander.send(1);
  sys.await_actors();
}

#endif

}  // namespace
}  // namespace troupe
