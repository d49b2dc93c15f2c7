// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/fake_resolver.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::in_actor;
using test::slow_names;

TEST(Resolver, AnswersAllAddressesInOrder) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    const auto found = io::resolve("two.test", 80);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].address().to_string(), "127.0.0.2");
    EXPECT_EQ(found[1].address().to_string(), "127.0.0.1");
    EXPECT_EQ(found[0].port(), 80);
  });
}

TEST(Resolver, AnAddressResolvesToItself) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    EXPECT_EQ(io::resolve("127.0.0.1", 1).front().address().to_string(), "127.0.0.1");
    EXPECT_EQ(io::resolve("::1", 1).front().address().to_string(), "::1");
  });
}

TEST(Resolver, NamesTheHostThatDoesNotExist) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    try {
      static_cast<void>(io::resolve("none.test", 80));
      ADD_FAILURE() << "no exception";
    } catch (const std::system_error& e) {
      EXPECT_NE(std::string(e.what()).find("none.test"), std::string::npos) << e.what();
    }
    std::error_code error;
    EXPECT_TRUE(io::resolve("none.test", 80, 1min, error).empty());
    EXPECT_TRUE(error);
  });
}

// The system would take the first for this machine, and cut the others off.
TEST(Resolver, RefusesWhatCanBeNoHost) {
  using namespace std::string_literals;
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context&) {
    for (const auto& [host, text] : {std::pair{""s, "(empty host):80"s},
                                     std::pair{"127.0.0.1\0evil"s, "127.0.0.1(zero byte)evil:80"s},
                                     std::pair{"::1\0evil"s, "[::1(zero byte)evil]:80"s},
                                     std::pair{"two.test\0"s, "two.test(zero byte):80"s}}) {
      try {
        static_cast<void>(io::resolve(host, 80));
        ADD_FAILURE() << text;
      } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::invalid_argument);
        EXPECT_NE(std::string(e.what()).find("resolve " + text), std::string::npos) << e.what();
      }
      std::error_code error;
      EXPECT_TRUE(io::resolve(host, 80, 1min, error).empty());
      EXPECT_EQ(error, std::errc::invalid_argument) << text;
    }
  });
}

TEST(Resolver, DoesNotBlockAWorker) {
  troupe::system sys({.workers = 1});
  std::atomic<bool> resolved{false};
  {
    const slow_names slow;
    static_cast<void>(sys.spawn([&](context&) {
      static_cast<void>(io::resolve("slow.test", 80));
      resolved = true;
    }));
    slow.await_lookups(1);
    test::connection c(sys);  // sockets go on, too
    c.other.send("meanwhile");
    in_actor(sys, [&](context& self) {
      EXPECT_EQ(test::read_text(c.stream), "meanwhile");
      self.sleep_for(2ms);
    });
    EXPECT_FALSE(resolved);
  }
  sys.await_actors();
  EXPECT_TRUE(resolved);
}

TEST(Resolver, GivesUpAtItsTimeoutAlthoughTheSystemGoesOn) {
  troupe::system sys({.workers = 1});
  const slow_names slow;
  in_actor(sys, [](context&) {
    std::error_code error;
    EXPECT_TRUE(io::resolve("slow.test", 80, 20ms, error).empty());
    EXPECT_EQ(error, errc::timeout);
    EXPECT_FALSE(io::tcp_stream::connect("slow.test", 80, 20ms, error).is_open());
    EXPECT_EQ(error, errc::timeout);
    for (const auto over : {0ns, -1ns}) {
      EXPECT_TRUE(io::resolve("slow.test", 80, over, error).empty());
      EXPECT_EQ(error, errc::timeout);
      EXPECT_EQ(io::resolve("127.0.0.1", 80, over, error).size(), 1U);  // has not to wait
      EXPECT_FALSE(error);
    }
  });
}

TEST(Resolver, OneNameDoesNotWaitForAnother) {
  troupe::system sys({.workers = 1});
  const slow_names slow;
  const auto stuck = sys.spawn([](context&) { static_cast<void>(io::resolve("slow.test", 80)); });
  slow.await_lookups(1);
  in_actor(sys, [](context&) { EXPECT_EQ(io::resolve("two.test", 80, 1min).size(), 2U); });
  EXPECT_TRUE(stuck.alive());
}

TEST(Resolver, ALookupThatIsStuckOutlivesItsSystem) {
  const slow_names slow;
  {
    troupe::system sys({.workers = 1});
    static_cast<void>(sys.spawn([](context&) { static_cast<void>(io::resolve("slow.test", 80)); }));
    slow.await_lookups(1);
  }
  // Its thread is still there, and has to find its way when the answer comes.
  slow.await_lookups(1);
}

TEST(ResolverDeathTest, ALookupThatIsStuckDoesNotKeepTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto leave_while_stuck = [] {
    const slow_names slow;
    {
      troupe::system sys({.workers = 1});
      static_cast<void>(
          sys.spawn([](context&) { static_cast<void>(io::resolve("slow.test", 80)); }));
      slow.await_lookups(1);
    }
    std::exit(0);
  };
  EXPECT_EXIT(leave_while_stuck(), testing::ExitedWithCode(0), "");
}

TEST(Resolver, NamesBehindThoseThatAreStuckTimeOutAndTheRestGoesOn) {
  troupe::system sys({.workers = 2});
  std::atomic<int> given_up{0};
  std::atomic<int> stuck{0};
  {
    const slow_names slow;
    const auto keep_waiting = [&](context&) {
      stuck += static_cast<int>(io::resolve("slow.test", 80).size());
    };
    for (int i = 0; i < 16; ++i) static_cast<void>(sys.spawn(keep_waiting));
    slow.await_lookups(16);  // all threads that there will be
    static_cast<void>(sys.spawn(keep_waiting));
    for (int i = 0; i < 20; ++i) {
      static_cast<void>(sys.spawn([&](context&) {
        std::error_code error;
        static_cast<void>(io::resolve("two.test", 80, 20ms, error));
        EXPECT_EQ(error, errc::timeout);
        ++given_up;
      }));
    }
    EXPECT_TRUE(test::eventually([&] { return given_up == 20; }));
    EXPECT_EQ(stuck, 0);
  }
  in_actor(sys, [](context&) { EXPECT_EQ(io::resolve("two.test", 80, 1min).size(), 2U); });
  sys.await_actors();
  EXPECT_EQ(stuck, 17);
}

TEST(Resolver, ManyLookupsAtOnceAllFinish) {
  troupe::system sys({.workers = 2});
  std::atomic<int> found{0};
  for (int i = 0; i < 200; ++i) {
    static_cast<void>(
        sys.spawn([&](context&) { found += static_cast<int>(io::resolve("two.test", 1).size()); }));
  }
  sys.await_actors();
  EXPECT_EQ(found, 400);
}

}  // namespace
}  // namespace troupe
