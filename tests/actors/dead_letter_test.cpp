// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::random_choices;
using test::scaled;
using cause = dead_letter::cause;

struct known {};
struct unknown {};
struct stop {};

struct narrow : actor<void(known), void(stop)> {
  void on(known) {}
  void on(stop) { self().quit(); }
};

/// Collects dead letters; any thread.
class letter_box {
 public:
  system_options options(std::size_t workers = 0) {
    system_options o;
    o.workers = workers;
    o.on_dead_letter = [this](const dead_letter& d) {
      const std::scoped_lock hold(mutex_);
      letters_.push_back(d);
    };
    return o;
  }
  std::vector<dead_letter> take() {
    const std::scoped_lock hold(mutex_);
    return std::exchange(letters_, {});
  }
  /// As soon as there is one: it is counted before the hook is called.
  std::vector<dead_letter> take_some() {
    EXPECT_TRUE(eventually([this] {
      const std::scoped_lock hold(mutex_);
      return !letters_.empty();
    }));
    return take();
  }

 private:
  std::mutex mutex_;
  std::vector<dead_letter> letters_;
};

TEST(DeadLetter, NamesTheCauseTheTypeAndTheReceiver) {
  letter_box box;
  system sys(box.options());
  const auto a = sys.spawn<narrow>();
  any_ref(a).send(unknown{});
  EXPECT_TRUE(eventually([&] { return sys.dead_letter_count() == 1; }));
  auto letters = box.take_some();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].why, cause::no_handler);
  EXPECT_NE(letters[0].message_type.find("unknown"), std::string::npos);
  EXPECT_EQ(letters[0].receiver, a.id());

  a.kill();
  sys.await_actors();
  a.send(known{});
  EXPECT_EQ(sys.dead_letter_count(), 2U);
  letters = box.take();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].why, cause::receiver_ended);
  EXPECT_NE(letters[0].message_type.find("known"), std::string::npos);
  EXPECT_EQ(letters[0].receiver, a.id());
}

TEST(DeadLetter, EveryCauseHasAPhrase) {
  for (const cause c :
       {cause::receiver_ended, cause::no_handler, cause::late_answer, cause::mailbox_full}) {
    EXPECT_NE(std::string(to_string(c)), "unknown");
  }
}

TEST(DeadLetter, IsEachMessageThatIsQueuedWhenItsActorEnds) {
  letter_box box;
  system sys(box.options(1));
  // Handlers: what stands behind the stop.
  sys.spawn([](context& self) {
    const auto a = self.spawn<narrow>();
    a.send(known{});
    a.send(stop{});
    for (int i = 0; i < 10; ++i) a.send(known{});
  });
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), 10U);
  // Direct style: what was passed over, and what was not looked at.
  sys.spawn([](context& self) {
    const any_ref d = self.spawn([](context& inner) { inner.receive([](stop) {}); });
    for (int i = 0; i < 5; ++i) d.send(known{});
    d.send(stop{});
    for (int i = 0; i < 6; ++i) d.send(known{});
  });
  sys.await_actors();
  EXPECT_EQ(sys.dead_letter_count(), 21U);
  for (const dead_letter& d : box.take()) {
    EXPECT_EQ(d.why, cause::receiver_ended);
    EXPECT_NE(d.message_type.find("known"), std::string::npos);
  }
}

TEST(DeadLetter, TheHookMayThrowOrSendWithoutHarm) {
  std::atomic<int> calls{0};
  any_ref collector;
  std::atomic<int> collected{0};
  system sys({.on_dead_letter = [&](const dead_letter&) {
    if (++calls % 2 == 0) throw std::runtime_error("hook");
    if (collector) collector.send(known{});
  }});
  collector = sys.spawn([&](context& self) {
    for (;;) self.receive([&](known) { ++collected; });
  });
  const any_ref dead = sys.spawn([](context&) {});
  EXPECT_TRUE(eventually([&] { return sys.actor_count() == 1; }));
  for (int i = 0; i < 100; ++i) dead.send(unknown{});
  EXPECT_EQ(calls, 100);
  EXPECT_TRUE(eventually([&] { return collected == 50; }));
}

TEST(DeadLetter, OfAnAnswerIsToldApartFromMessages) {
  letter_box box;
  std::atomic<bool> done{false};
  system sys(box.options());
  sys.spawn([&](context& self) {
    const auto slow = self.spawn<int(known)>([](context& inner) {
      inner.receive([&](known) {
        inner.receive([](stop) {});
        return 7;
      });
    });
    std::error_code error;
    self.ask(slow, known{}, std::chrono::milliseconds(1), error);
    EXPECT_EQ(error, errc::timeout);
    any_ref(slow).send(stop{});
    while (sys.dead_letter_count() == 0) self.sleep_for(std::chrono::milliseconds(1));
    done = true;
  });
  EXPECT_TRUE(eventually([&] { return done.load(); }));
  const auto letters = box.take_some();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].why, cause::late_answer);
  EXPECT_EQ(letters[0].message_type, "int");
}

// The conservation law: what is sent is handled or a dead letter, once.
TEST(DeadLetter, TogetherWithWhatIsHandledAccountsForEveryMessage) {
  for (std::size_t round = 0; round < scaled(100); ++round) {
    system sys({.workers = 1 + round % 3});
    std::atomic<std::uint64_t> handled{0};
    std::atomic<std::uint64_t> sent{0};
    const bool direct = round % 2 == 0;
    struct mortal : actor<void(known)> {
      mortal(std::atomic<std::uint64_t>& h, std::uint64_t l) : handled(&h), life(l) {}
      void on(known) {
        ++*handled;
        if (--life == 0) self().quit();
      }
      std::atomic<std::uint64_t>* handled;
      std::uint64_t life;
    };
    const std::uint64_t life = 1 + random_choices(round).up_to(3000);
    const any_ref a = direct ? sys.spawn([&](context& self) {
      for (std::uint64_t i = 0; i < life; ++i) self.receive([&](known) { ++handled; });
    })
                             : any_ref(sys.spawn<mortal>(handled, life));
    {
      std::vector<std::jthread> senders;
      for (std::size_t t = 0; t < 3; ++t) {
        senders.emplace_back([&, t] {
          random_choices random(100 * round + t);
          const std::uint64_t n = random.up_to(3000);
          for (std::uint64_t i = 0; i < n; ++i) a.send(known{});
          sent += n;
        });
      }
      for (std::size_t t = 0; t < 2; ++t) {
        sys.spawn([&, t](context& self) {
          random_choices random(100 * round + 10 + t);
          const std::uint64_t n = random.up_to(3000);
          for (std::uint64_t i = 0; i < n; ++i) {
            a.send(known{});
            if (random.one_in(100)) self.yield();
          }
          sent += n;
        });
      }
    }
    EXPECT_TRUE(eventually([&] { return sys.actor_count() <= 1; }));
    a.kill();
    sys.await_actors();
    EXPECT_TRUE(eventually([&] { return handled + sys.dead_letter_count() >= sent; }));
    ASSERT_EQ(handled + sys.dead_letter_count(), sent) << test::seed_message();
    ASSERT_LE(handled, life);
  }
}

}  // namespace
}  // namespace troupe
