// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/eventually.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <variant>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::in_actor;
using test::read_text;

struct text {
  std::string words;
};

/// Whether a notice comes; it should name `stream`.
bool notified(context& self, const io::tcp_stream& stream, std::chrono::nanoseconds within = 1min) {
  return self.receive(
      [&](io::socket_ready ready) {
        EXPECT_EQ(ready.id, stream.id());
        EXPECT_TRUE(ready.readable);
      },
      after(within));
}

TEST(Notify, ComesWhenBytesCome) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> asked{false};
  static_cast<void>(sys.spawn([&](context& self) {
    c.stream.notify_readable(self);
    asked = true;
    self.receive([](io::socket_ready) {});
    EXPECT_EQ(read_text(c.stream), "bytes");
    EXPECT_FALSE(notified(self, c.stream, 20ms));  // one request, one message
  }));
  ASSERT_TRUE(test::eventually([&] { return asked.load(); }));
  c.other.send("bytes");
  sys.await_actors();
}

TEST(Notify, ComesAtOnceWhenBytesAreThereAndAtTheEnd) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.other.send("there already");
  in_actor(sys, [&](context& self) {
    c.stream.notify_readable(self);
    EXPECT_TRUE(notified(self, c.stream));
    EXPECT_EQ(read_text(c.stream, 5), "there");
    c.stream.notify_readable(self);  // more is there
    EXPECT_TRUE(notified(self, c.stream));
    EXPECT_EQ(read_text(c.stream), " already");
    c.stream.notify_readable(self);
    EXPECT_FALSE(notified(self, c.stream, 20ms));
  });
  c.other.close();
  in_actor(sys, [&](context& self) {
    for (int i = 0; i < 2; ++i) {
      c.stream.notify_readable(self);
      EXPECT_TRUE(notified(self, c.stream));
      EXPECT_EQ(read_text(c.stream), "");
    }
  });
}

TEST(Notify, TryReadNeverWaits) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::array<std::byte, 64> room;
  std::error_code error;
  for (int i = 0; i < 2; ++i) {  // from a plain thread, too
    EXPECT_EQ(c.stream.try_read(room, error), 0U);
    EXPECT_EQ(error, std::errc::operation_would_block);
  }
  c.other.send("now");
  ASSERT_TRUE(test::eventually([&] { return c.stream.try_read(room, error) == 3; }));
  EXPECT_FALSE(error);
  in_actor(sys, [&](context& self) {
    c.stream.notify_readable(self);
    EXPECT_EQ(c.stream.try_read(room, error), 0U);
    EXPECT_EQ(error, std::errc::operation_would_block);
    c.other.shutdown();
    EXPECT_TRUE(notified(self, c.stream));
    EXPECT_EQ(c.stream.try_read(room, error), 0U);
    EXPECT_FALSE(error);
  });
}

TEST(Notify, SeveralRequestsOfOneActorCountAsOne) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<bool> asked{false};
  static_cast<void>(sys.spawn([&](context& self) {
    for (int i = 0; i < 3; ++i) c.stream.notify_readable(self);
    asked = true;
    self.receive([](io::socket_ready) {});
    EXPECT_FALSE(notified(self, c.stream, 20ms));
  }));
  ASSERT_TRUE(test::eventually([&] { return asked.load(); }));
  c.other.send("x");
  sys.await_actors();
}

TEST(Notify, ARequestOfAnotherActorReplacesIt) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<int> asked{0};
  const auto first = sys.spawn([&](context& self) {
    c.stream.notify_readable(self);
    ++asked;
    self.receive([](io::socket_ready) { ADD_FAILURE() << "notified the wrong actor"; });
  });
  ASSERT_TRUE(test::eventually([&] { return asked == 1; }));
  static_cast<void>(sys.spawn([&](context& self) {
    c.stream.notify_readable(self);
    ++asked;
    self.receive([](io::socket_ready) {});
    EXPECT_EQ(read_text(c.stream), "x");
  }));
  ASSERT_TRUE(test::eventually([&] { return asked == 2; }));
  c.other.send("x");
  ASSERT_TRUE(test::eventually([&] { return sys.actor_count() == 1; }));
  first.kill();
  sys.await_actors();
}

TEST(Notify, CloseTakesItBack) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  in_actor(sys, [&](context& self) {
    c.stream.notify_readable(self);
    c.stream.close();
    EXPECT_FALSE(self.receive([](io::socket_ready) {}, after(10ms)));
  });
}

TEST(Notify, ReachesAHandler) {
  struct reader : actor<void(text)> {
    explicit reader(io::tcp_stream s, std::string& into) : stream(std::move(s)), got(into) {}
    void on(const text&) { stream.notify_readable(self()); }
    void on(io::socket_ready) {
      std::array<std::byte, 64> room;
      std::error_code error;
      while (const std::size_t n = stream.try_read(room, error)) {
        got += test::text_of(std::span(room).first(n));
      }
      if (error == std::errc::operation_would_block) {
        stream.notify_readable(self());
      } else {
        self().quit();
      }
    }
    io::tcp_stream stream;
    std::string& got;
  };
  troupe::system sys({.workers = 2});
  connection c(sys);
  std::string got;
  sys.spawn<reader>(std::move(c.stream), got).send(text{"begin"});
  std::string sent;
  for (int i = 0; i < 1000; ++i) {
    sent += std::to_string(i) + ",";
    c.other.send(std::to_string(i) + ",");
  }
  c.other.close();
  sys.await_actors();
  EXPECT_EQ(got, sent);
}

TEST(Notify, SocketAndMessagesTogetherLoseNothing) {
  troupe::system sys({.workers = 2});
  connection c(sys);
  constexpr int messages = 2000;
  const auto actor = sys.spawn<void(text)>([&](context& self) {
    std::array<std::byte, 100> room;
    std::error_code error;
    int bytes = 0;
    int words = 0;
    c.stream.notify_readable(self);
    while (bytes < messages || words < messages) {
      self.receive(
          [&](io::socket_ready) {
            while (const std::size_t n = c.stream.try_read(room, error))
              bytes += static_cast<int>(n);
            EXPECT_EQ(error, std::errc::operation_would_block);
            c.stream.notify_readable(self);
          },
          [&](const text& t) {
            ++words;
            c.stream.write_all(t.words);
          });
    }
  });
  std::thread sender([&] {
    for (int i = 0; i < messages; ++i) actor.send(text{"w"});
  });
  for (int i = 0; i < messages; ++i) c.other.send("b");
  EXPECT_EQ(c.other.receive(messages), std::string(messages, 'w'));
  sender.join();
  sys.await_actors();
}

}  // namespace
}  // namespace troupe
