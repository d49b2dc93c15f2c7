// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct ping {};

/// Collects failures; any thread.
class failure_log {
 public:
  system_options options() {
    system_options o;
    o.on_failure = [this](const failure& f) {
      const std::scoped_lock hold(mutex_);
      failures_.push_back(f);
    };
    return o;
  }
  std::vector<failure> take() {
    const std::scoped_lock hold(mutex_);
    return std::exchange(failures_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<failure> failures_;
};

/// The reason with which an actor with that body ends.
template <class Body>
exit_reason reason_of(system& sys, Body body) {
  exit_reason reason;
  std::atomic<bool> done{false};
  sys.spawn([&](context& self) {
    const any_ref watched = self.spawn([body](context& inner) {
      inner.receive([](ping) {});
      body(inner);
    });
    self.monitor(watched);
    watched.send(ping{});
    self.receive([&](const down& d) {
      EXPECT_EQ(d.actor, watched);
      reason = d.reason;
    });
    done = true;
    done.notify_all();
  });
  done.wait(false);
  return reason;
}

struct custom : std::runtime_error {
  custom() : std::runtime_error("custom error") {}
  int detail = 42;
};

TEST(ExitReason, OfABodyThatReturnsIsNormal) {
  system sys;
  const exit_reason r = reason_of(sys, [](context&) {});
  EXPECT_TRUE(r.is_normal());
  EXPECT_EQ(r.code(), exit_reason::kind::normal);
  EXPECT_EQ(r.exception(), nullptr);
  EXPECT_EQ(r, exit_reason());
}

TEST(ExitReason, OfQuitIsTheOneGiven) {
  system sys;
  EXPECT_TRUE(reason_of(sys, [](context& self) { self.quit(); }).is_normal());
  EXPECT_EQ(reason_of(sys, [](context& self) { self.quit(exit_reason::kind::shutdown); }).code(),
            exit_reason::kind::shutdown);
  EXPECT_EQ(reason_of(sys,
                      [](context& self) {
                        self.quit(exit_reason::kind::killed);
                        self.quit(exit_reason::kind::shutdown);
                        self.sleep_for(1h);
                      })
                .code(),
            exit_reason::kind::killed)
      << "the first one counts";
  EXPECT_TRUE(reason_of(sys,
                        [](context& self) {
                          self.quit();
                          self.quit(exit_reason::kind::killed);
                        })
                  .is_normal())
      << "the first one counts, also when it is normal";
}

TEST(ExitReason, MayBeAnExceptionGivenToQuit) {
  system sys;
  const exit_reason r = reason_of(
      sys, [](context& self) { self.quit(exit_reason(std::make_exception_ptr(custom()))); });
  EXPECT_EQ(r.code(), exit_reason::kind::error);
  EXPECT_EQ(r.what(), "custom error");
}

TEST(ExitReason, OfAnExceptionHoldsItWithItsType) {
  failure_log log;
  system sys(log.options());
  const exit_reason r = reason_of(sys, [](context&) { throw custom(); });
  EXPECT_FALSE(r.is_normal());
  EXPECT_EQ(r.code(), exit_reason::kind::error);
  EXPECT_EQ(r.what(), "custom error");
  ASSERT_NE(r.exception(), nullptr);
  try {
    std::rethrow_exception(r.exception());
  } catch (const custom& c) {
    EXPECT_EQ(c.detail, 42);
  }
  EXPECT_EQ(r, exit_reason(r.exception()));
}

TEST(ExitReason, OfAThrownIntIsAnErrorToo) {
  failure_log log;
  system sys(log.options());
  const exit_reason r = reason_of(sys, [](context&) { throw 5; });
  EXPECT_EQ(r.code(), exit_reason::kind::error);
  EXPECT_FALSE(r.what().empty());
  EXPECT_THROW(std::rethrow_exception(r.exception()), int);
}

TEST(ExitReason, OfAnErrorWithoutAnExceptionCanBeRead) {
  system sys;
  const exit_reason r = reason_of(sys, [](context& self) { self.quit(exit_reason::kind::error); });
  EXPECT_EQ(r.code(), exit_reason::kind::error);
  EXPECT_FALSE(r.what().empty());
}

TEST(ExitReason, OfAnExceptionIsTheExceptionWhateverWasAskedForBefore) {
  failure_log log;
  system sys(log.options());
  const exit_reason r = reason_of(sys, [](context& self) {
    self.quit(exit_reason::kind::killed);
    throw custom();
  });
  EXPECT_EQ(r.code(), exit_reason::kind::error);
}

TEST(ExitReason, EveryKindHasAPhraseOfItsOwn) {
  using kind = exit_reason::kind;
  std::vector<std::string> phrases;
  for (const kind k : {kind::normal, kind::shutdown, kind::killed, kind::unknown, kind::error}) {
    phrases.push_back(exit_reason(k).what());
    EXPECT_FALSE(phrases.back().empty());
  }
  std::sort(phrases.begin(), phrases.end());
  EXPECT_EQ(std::unique(phrases.begin(), phrases.end()), phrases.end());
}

struct fails : actor<void(ping)> {
  void on(ping) { throw std::runtime_error("handler"); }
};

TEST(OnFailure, NamesTheActorItsTypeAndWhatItThrew) {
  failure_log log;
  system sys(log.options());
  const auto f = sys.spawn<fails>(spawn_options{.name = "faulty"});
  f.send(ping{});
  sys.await_actors();
  const auto failures = log.take();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].name, "faulty");
  EXPECT_EQ(failures[0].what, "handler");
  EXPECT_EQ(failures[0].id, f.id());
  EXPECT_NE(failures[0].type.find("fails"), std::string::npos) << failures[0].type;
}

TEST(OnFailure, IsNotCalledForOtherEnds) {
  failure_log log;
  system sys(log.options());
  static_cast<void>(reason_of(sys, [](context&) {}));
  static_cast<void>(reason_of(sys, [](context& self) { self.quit(exit_reason::kind::killed); }));
  static_cast<void>(reason_of(sys, [](context&) { throw actor_exit{}; }));
  sys.spawn<fails>();
  sys.shutdown(60s);
  EXPECT_TRUE(log.take().empty());
}

TEST(OnFailure, MayThrowWithoutHarm) {
  std::atomic<int> calls{0};
  system sys({.on_failure = [&](const failure&) {
    ++calls;
    throw std::runtime_error("hook");
  }});
  for (int i = 0; i < 10; ++i) sys.spawn<fails>().send(ping{});
  sys.spawn([](context&) { throw 1; });
  sys.await_actors();
  EXPECT_EQ(calls, 11);
}

TEST(OnFailure, AbsentWritesALineToStderr) {
  testing::internal::CaptureStderr();
  {
    system sys;
    sys.spawn<fails>(spawn_options{.name = "loud"}).send(ping{});
    sys.await_actors();
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("loud"), std::string::npos) << text;
  EXPECT_NE(text.find("handler"), std::string::npos) << text;
  EXPECT_NE(text.find("fails"), std::string::npos) << text;
}

TEST(OnFailure, AHandlersExceptionEndsThatActorOnly) {
  failure_log log;
  system sys(log.options());
  const auto a = sys.spawn<fails>();
  const auto b = sys.spawn<fails>();
  a.send(ping{});
  EXPECT_TRUE(eventually([&] { return !any_ref(a).alive(); }));
  EXPECT_TRUE(any_ref(b).alive());
}

}  // namespace
}  // namespace troupe
