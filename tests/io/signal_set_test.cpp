// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/in_actor.hpp>

#include <troupe/base/sanitizer.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::signal_received;
using io::signal_set;
using test::in_actor;

/// ThreadSanitizer holds back the signals of a thread that waits for a lock, such as the main one:
/// there the calling thread gets it.
void signal_process(int number) {
  EXPECT_EQ(TROUPE_TSAN ? ::raise(number) : ::kill(::getpid(), number), 0);
}

int next_signal(context& self) {
  int number = 0;
  self.receive([&](signal_received s) { number = s.number; });
  return number;
}

bool has_default_action(int number) {
  struct sigaction present {};
  ::sigaction(number, nullptr, &present);
  return present.sa_handler == SIG_DFL;
}

TEST(SignalSet, MakesMessagesOfSignals) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [](context& self) {
    const signal_set signals(self, {SIGUSR1, SIGUSR2});
    for (int i = 0; i < 100; ++i) {
      const int number = i % 3 == 0 ? SIGUSR2 : SIGUSR1;
      signal_process(number);
      EXPECT_EQ(next_signal(self), number);
    }
  });
}

TEST(SignalSet, GivesTheDefaultsBack) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    EXPECT_TRUE(has_default_action(SIGUSR1));
    auto first = std::make_unique<signal_set>(self, std::vector{SIGUSR1});
    signal_set second(self, {SIGUSR1, SIGUSR2});
    EXPECT_FALSE(has_default_action(SIGUSR1));
    first.reset();
    EXPECT_FALSE(has_default_action(SIGUSR1));  // the second one has it still
    signal_process(SIGUSR1);
    EXPECT_EQ(next_signal(self), SIGUSR1);
    second = signal_set(self, {SIGUSR2});
    EXPECT_TRUE(has_default_action(SIGUSR1));
    signal_process(SIGUSR2);
    EXPECT_EQ(next_signal(self), SIGUSR2);
  });
  EXPECT_TRUE(has_default_action(SIGUSR2));
}

TEST(SignalSet, LeavesASignalIgnoredThatWas) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    std::signal(SIGUSR1, SIG_IGN);
    {
      const signal_set first(self, {SIGUSR1});
      const signal_set second(self, {SIGUSR1});
      signal_process(SIGUSR1);
      EXPECT_EQ(next_signal(self), SIGUSR1);
      EXPECT_EQ(next_signal(self), SIGUSR1);
    }
    EXPECT_EQ(std::signal(SIGUSR1, SIG_DFL), SIG_IGN);
  });
}

// Also while the first wait for their signals is about to begin, on another thread.
TEST(SignalSet, MayEndAtOnce) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [](context& self) {
    for (int i = 0; i < 1000; ++i) const signal_set brief(self, {SIGUSR1, SIGUSR2});
    const signal_set signals(self, {SIGUSR1});
    signal_process(SIGUSR1);
    EXPECT_EQ(next_signal(self), SIGUSR1);
  });
}

TEST(SignalSet, RefusesFaults) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) {
      try {
        const signal_set signals(self, {fault});
        ADD_FAILURE() << fault;
      } catch (const std::system_error& e) {
        EXPECT_EQ(e.what(), "troupe: signal_set: signal " + std::to_string(fault) +
                                " tells of a fault of the program: Invalid argument");
      }
    }
  });
}

TEST(SignalSet, TellsEverySetThatHasTheNumber) {
  struct ready {};
  troupe::system sys({.workers = 2});
  in_actor(sys, [](context& self) {
    const any_ref parent = self.ref();
    std::vector<any_ref> others;
    for (int i = 0; i < 3; ++i) {
      others.push_back(self.spawn([parent](context& child) {
        const signal_set signals(child, {SIGUSR1});
        parent.send(ready{});
        EXPECT_EQ(next_signal(child), SIGUSR1);
      }));
      self.monitor(others.back());
    }
    for (int i = 0; i < 3; ++i) self.receive([](ready) {});
    signal_process(SIGUSR1);
    for (int i = 0; i < 3; ++i) self.receive([](const down&) {});
  });
}

// For handlers it is a message like others.
TEST(SignalSet, ReachesHandlers) {
  struct listener : actor<void(signal_received)> {
    std::optional<signal_set> signals;
    void on(signal_received s) {
      EXPECT_EQ(s.number, SIGUSR1);
      self().quit();
    }
  };
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const signal_set mine(self, {SIGUSR1});
    signal_process(SIGUSR1);
    const auto other = self.spawn<listener>();
    self.receive([&](signal_received s) { other.send(s); });
  });
  sys.await_actors();
}

TEST(SignalSet, RefusesWhatCannotBeCaughtAndWhatIsTaken) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    const auto refusal = [&](int number) {
      try {
        const signal_set signals(self, {SIGUSR1, number});
      } catch (const std::system_error& e) {
        return std::string(e.what());
      }
      return std::string();
    };
    EXPECT_EQ(refusal(SIGKILL).find("troupe: signal_set: signal 9"), 0U) << refusal(SIGKILL);
    EXPECT_EQ(refusal(-1), "troupe: signal_set: signal -1: Invalid argument");
    EXPECT_EQ(refusal(1000), "troupe: signal_set: signal 1000: Invalid argument");
    std::signal(SIGUSR2, [](int) {});
    EXPECT_EQ(refusal(SIGUSR2),
              "troupe: signal_set: signal 12 has a handler already: Device or resource busy");
    std::signal(SIGUSR2, SIG_DFL);
    EXPECT_TRUE(has_default_action(SIGUSR1));  // taken back
  });
}

TEST(SignalSet, IsForTheActorThatCalls) {
  troupe::system sys({.workers = 1});
  std::optional<context> leaked;
  in_actor(sys, [&](context& self) { leaked = self; });
  EXPECT_THROW(signal_set(*leaked, {SIGUSR1}), std::logic_error);
  in_actor(sys, [&](context& self) {
    const no_preempt guard;
    EXPECT_THROW(signal_set(self, {SIGUSR1}), std::logic_error);
  });
}

}  // namespace
}  // namespace troupe
