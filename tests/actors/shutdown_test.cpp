// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::eventually;
using test::scaled;

struct go {};
struct get {};
struct hop {
  int left;
};

struct idle_actor : actor<void(go), int(get)> {
  void on(go) {}
  int on(get) { return 1; }
};

TEST(Shutdown, EndsEveryKindOfActor) {
  for (const std::size_t workers : {1U, 2U}) {
    system sys({.workers = workers});
    for (int i = 0; i < 50; ++i) {
      sys.spawn<idle_actor>();
      sys.spawn([](context& self) { self.receive([](go) {}); });
      sys.spawn([](context& self) { self.sleep_for(1h); });
      sys.spawn([](context& self) {
        for (;;) self.yield();
      });
      sys.spawn([](context& self) {
        for (;;) self.receive([](go) {}, after(1us));
      });
    }
    const shutdown_report report = sys.shutdown(60s);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(sys.actor_count(), 0U);
    EXPECT_TRUE(sys.shutdown(0s).clean()) << "again";
  }
}

TEST(Shutdown, NamesTheSurvivorsAndMayBeCalledAgain) {
  system sys({.workers = 3});  // the two below keep one each to themselves
  std::atomic<bool> open{false};
  std::atomic<int> started{0};
  const any_ref stubborn = sys.spawn(spawn_options{.name = "stubborn"}, [&](context& self) {
    ++started;
    while (!open) {
      try {
        self.sleep_for(1ms);
      } catch (const actor_exit&) {
        std::this_thread::sleep_for(1ms);
      }
    }
  });
  struct busy_handler : actor<void(go)> {
    busy_handler(std::atomic<bool>& o, std::atomic<int>& s) : open(&o), started(&s) {}
    void on(go) {
      ++*started;
      while (!*open) std::this_thread::sleep_for(100us);
    }
    std::atomic<bool>* open;
    std::atomic<int>* started;
  };
  const auto nameless = sys.spawn<busy_handler>(open, started);
  nameless.send(go{});
  sys.spawn(spawn_options{.name = "obedient"}, [](context& self) { self.sleep_for(1h); });
  EXPECT_TRUE(eventually([&] { return started == 2; }));

  shutdown_report report;
  EXPECT_TRUE(eventually([&] {  // however long the obedient one must wait for its turn
    const auto begin = steady_clock::now();
    report = sys.shutdown(50ms);
    EXPECT_GE(steady_clock::now() - begin, 50ms);
    return report.survivors.size() == 2;
  }));
  ASSERT_EQ(report.survivors.size(), 2U);
  EXPECT_FALSE(report.clean());
  for (const survivor& s : report.survivors) {
    if (s.id == stubborn.id()) {
      EXPECT_EQ(s.name, "stubborn");
      EXPECT_NE(s.type.find("lambda"), std::string::npos) << s.type;
    } else {
      EXPECT_EQ(s.id, nameless.id());
      EXPECT_EQ(s.name, "");
      EXPECT_NE(s.type.find("busy_handler"), std::string::npos) << s.type;
    }
    EXPECT_FALSE(s.state.empty());
  }
  EXPECT_EQ(sys.shutdown(0ns).survivors.size(), 2U);
  open = true;
  EXPECT_TRUE(sys.shutdown(60s).clean());
}

TEST(Shutdown, TheDestructorNamesSurvivorsOnStderrAndWaitsForThem) {
  testing::internal::CaptureStderr();
  std::atomic<bool> ended{false};
  std::jthread opener;
  {
    system sys({.workers = 1, .shutdown_deadline = 20ms});
    std::atomic<bool> started{false};
    sys.spawn(spawn_options{.name = "late"}, [&](context& self) {
      started = true;
      const auto until = steady_clock::now() + 100ms;
      while (steady_clock::now() < until) {
        try {
          self.yield();
        } catch (const actor_exit&) {
        }
      }
      ended = true;
    });
    EXPECT_TRUE(eventually([&] { return started.load(); }));
  }
  EXPECT_TRUE(ended);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("late"), std::string::npos) << text;
  EXPECT_NE(text.find("shutdown_deadline"), std::string::npos) << text;
}

TEST(Shutdown, TheDestructorCountsTheJobsThatItWaitsFor) {
  testing::internal::CaptureStderr();
  counter done;
  {
    system sys({.workers = 1, .shutdown_deadline = 20ms});
    for (int i = 0; i < 2; ++i) {
      sys.run(
          [until = steady_clock::now() + 100ms] {
            while (steady_clock::now() < until) yield();
          },
          done);
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "troupe: 2 jobs have not finished after shutdown_deadline\n");
}

TEST(Shutdown, RefusesNewActorsWithStopping) {
  system sys({.workers = 2, .on_failure = [](const failure&) {}});
  std::atomic<bool> ready{false};
  std::atomic<bool> refused{false};
  sys.spawn([&](context& self) {
    try {
      ready = true;
      self.receive([](go) {});
    } catch (const actor_exit&) {
      try {
        self.spawn([](context&) {});
      } catch (const std::system_error& e) {
        refused = e.code() == errc::stopping;
      }
      throw;
    }
  });
  EXPECT_TRUE(eventually([&] { return ready.load(); }));
  EXPECT_TRUE(sys.shutdown(60s).clean());
  EXPECT_TRUE(refused);
  try {
    sys.spawn<idle_actor>();
    ADD_FAILURE() << "spawned";
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), errc::stopping);
  }
}

TEST(Shutdown, RacingWithSpawnsLeavesNobodyBehind) {
  for (std::size_t round = 0; round < scaled(100); ++round) {
    auto sys = std::make_unique<system>(system_options{.workers = 1 + round % 3});
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> ended{0};
    struct counted : actor<void(go)> {
      counted(std::atomic<std::uint64_t>& b, std::atomic<std::uint64_t>& e) : ended(&e) { ++b; }
      ~counted() { ++*ended; }
      void on(go) {}
      std::atomic<std::uint64_t>* ended;
    };
    std::vector<std::jthread> spawners;
    for (int t = 0; t < 3; ++t) {
      spawners.emplace_back([&, t] {
        try {
          for (int i = 0;; ++i) {
            if ((i + t) % 2 == 0) {
              sys->spawn<counted>(spawn_options{.name = "counted"}, begun, ended);
            } else {
              ++begun;
              sys->spawn([&ended](context& self) {
                struct at_end {
                  std::atomic<std::uint64_t>& n;
                  ~at_end() { ++n; }
                } const guard{ended};
                self.receive([](go) {});
              });
            }
          }
        } catch (const std::system_error& e) {
          EXPECT_EQ(e.code(), errc::stopping);
        }
      });
    }
    if (round % 2 == 0) {
      while (begun < 50) std::this_thread::yield();
    }
    while (!sys->shutdown(std::chrono::microseconds(50)).clean()) {
    }
    spawners.clear();
    EXPECT_TRUE(sys->shutdown(60s).clean());
    EXPECT_EQ(sys->actor_count(), 0U);
    sys.reset();
    // The refused direct-style spawns were counted as begun, one a thread at most.
    EXPECT_LE(begun - ended, 3U);
  }
}

TEST(Shutdown, OfActorsThatSendToEachOtherEnds) {
  struct chatty : actor<void(hop), void(any_ref)> {
    void on(any_ref r) { peer = r; }
    void on(hop h) {
      if (peer) peer.send(h);
      if (peer) peer.send(h);
      if (++handled % 2 == 0) self().yield();
    }
    any_ref peer;
    int handled = 0;
  };
  for (std::size_t round = 0; round < scaled(30); ++round) {
    system sys({.workers = 1 + round % 2});
    const auto a = sys.spawn<chatty>();
    const auto b = sys.spawn<chatty>();
    a.send(any_ref(b));
    b.send(any_ref(a));
    for (int i = 0; i < 5; ++i) a.send(hop{i});
    if (round % 2 == 0) std::this_thread::sleep_for(100us);
    EXPECT_TRUE(sys.shutdown(60s).clean());
  }
}

TEST(Shutdown, ReportsJobsThatHaveNotFinished) {
  system sys({.workers = 2});
  std::atomic<bool> open{false};
  const auto job = [&] {
    while (!open) troupe::sleep_for(100us);
  };
  counter done;
  sys.run(job);
  sys.run(job, done);
  sys.spawn([](context& self) { self.receive([](go) {}); });
  shutdown_report report;
  EXPECT_TRUE(eventually([&] {
    report = sys.shutdown(1ms);
    return report.survivors.size() == 2;
  }));
  for (const survivor& s : report.survivors) {
    EXPECT_EQ(s.id, 0U);
    EXPECT_EQ(s.type, "job");
    EXPECT_FALSE(s.state.empty());
  }
  open = true;
  EXPECT_TRUE(sys.shutdown(60s).clean());
  done.wait();
}

}  // namespace
}  // namespace troupe
