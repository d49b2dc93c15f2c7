// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Ending actors in each of io's waits: their frames unwind, and nothing stays behind.

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <support/scratch_directory.hpp>
#include <io/connection.hpp>
#include <io/fake_resolver.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::connection;
using test::in_actor;
using test::peer;
using test::peer_listener;

/// Counts the frames that are being left.
struct left_frame {
  explicit left_frame(std::atomic<int>& n) : left(n) {}
  left_frame(const left_frame&) = delete;
  left_frame& operator=(const left_frame&) = delete;
  ~left_frame() { ++left; }
  std::atomic<int>& left;
};

/// Starts actors one after the other that run `wait`, kills each while it waits, and counts
/// descriptors.
void kill_in(troupe::system& sys, const std::function<void(context&)>& wait) {
  constexpr int times = 30;
  std::atomic<int> left{0};
  const std::size_t open_before = test::open_descriptors();
  for (int i = 0; i < times; ++i) {
    std::atomic<bool> begun{false};
    bool went_on = false;
    const auto waiter = sys.spawn([&](context& self) {
      const left_frame frame(left);
      begun = true;
      wait(self);
      went_on = true;
    });
    ASSERT_TRUE(test::eventually([&] { return begun.load(); }));
    in_actor(sys, [](context&) {});  // on the only worker: so the first one waits
    EXPECT_TRUE(waiter.alive());
    waiter.kill();
    sys.await_actors();
    EXPECT_FALSE(went_on);
  }
  EXPECT_EQ(left, times);
  EXPECT_TRUE(test::eventually([&] { return test::open_descriptors() <= open_before; }));
}

TEST(Kill, InARead) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  kill_in(sys, [&](context&) { test::read_text(c.stream); });
  c.other.send("still whole");
  in_actor(sys, [&](context&) { EXPECT_EQ(test::read_text(c.stream), "still whole"); });
}

TEST(Kill, InAReadWithATimeout) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  c.stream.read_timeout(1h);
  kill_in(sys, [&](context&) { test::read_text(c.stream); });
}

TEST(Kill, InAWrite) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  const std::string data(16 * 1024 * 1024, 'x');
  kill_in(sys, [&](context&) { c.stream.write_all(data); });
}

TEST(Kill, InAnAccept) {
  troupe::system sys({.workers = 1});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  kill_in(sys, [&](context&) { static_cast<void>(listener.accept()); });
  const peer client = peer::connect_to(listener.local_endpoint().port());
  in_actor(sys, [&](context&) { EXPECT_TRUE(listener.accept()); });
}

TEST(Kill, InAConnect) {
  troupe::system sys({.workers = 1});
  peer_listener listener(0);
  std::vector<io::tcp_stream> in_the_way(4);
  in_actor(sys, [&](context&) {
    std::error_code error;
    for (auto& each : in_the_way) {
      each = io::tcp_stream::connect("127.0.0.1", listener.port(), 10ms, error);
    }
  });
  kill_in(sys, [&](context&) {
    static_cast<void>(io::tcp_stream::connect("127.0.0.1", listener.port()));
  });
}

TEST(Kill, InALookup) {
  troupe::system sys({.workers = 1});
  const test::slow_names slow;
  kill_in(sys, [](context&) { static_cast<void>(io::resolve("slow.test", 1)); });
}

TEST(Kill, InAReceiveOfADatagram) {
  troupe::system sys({.workers = 1});
  auto socket = io::udp_socket::bind("127.0.0.1", 0);
  std::byte room[16];
  kill_in(sys, [&](context&) { static_cast<void>(socket.receive(room)); });
  auto sender = io::udp_socket::bind("127.0.0.1", 0);
  in_actor(sys, [&](context&) {
    sender.send_to(std::as_bytes(std::span("still here", 10)), socket.local_endpoint());
    EXPECT_EQ(socket.receive(room).size, 10U);
  });
}

TEST(Kill, InASendToAReceiverThatIsFull) {
  troupe::system sys({.workers = 1});
  const test::scratch_directory directory;
  const auto receiver = io::local_datagram::bind(directory / "receiver");
  auto sender = io::local_datagram::bind(directory / "sender");
  const std::byte data[16]{};
  kill_in(sys, [&](context&) {
    for (;;) sender.send_to(data, receiver.path());
  });
}

TEST(Kill, InALocalConnect) {
  troupe::system sys({.workers = 1});
  const test::scratch_directory directory;
  auto listener = io::local_listener::bind(directory / "busy", {.backlog = 1});
  std::vector<io::local_stream> in_the_way;
  in_actor(sys, [&](context&) {
    std::error_code error;
    while (!error) in_the_way.push_back(io::local_stream::connect(listener.path(), 10ms, error));
    EXPECT_EQ(error, errc::timeout);
  });
  kill_in(sys, [&](context&) { static_cast<void>(io::local_stream::connect(listener.path())); });
}

TEST(Kill, InALocalAccept) {
  troupe::system sys({.workers = 1});
  const test::scratch_directory directory;
  auto listener = io::local_listener::bind(directory / "listener");
  kill_in(sys, [&](context&) { static_cast<void>(listener.accept()); });
  in_actor(sys, [&](context&) {
    const auto client = io::local_stream::connect(listener.path());
    EXPECT_TRUE(listener.accept());
  });
}

TEST(Kill, InAReadOfAPipe) {
  troupe::system sys({.workers = 1});
  auto [reader, writer] = io::make_pipe();
  std::byte room[16];
  kill_in(sys, [&, r = &reader](context&) { r->read(room); });
  in_actor(sys, [&, r = &reader, w = &writer](context&) {
    w->write_all("still whole");
    EXPECT_EQ(r->read(room), 11U);
  });
}

TEST(Kill, WhileANoticeIsRequested) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  kill_in(sys, [&](context& self) {
    c.stream.notify_readable(self);
    self.receive([](io::socket_ready) {});
  });
  c.other.send("for nobody");
  in_actor(sys, [&](context& self) {
    self.sleep_for(5ms);
    EXPECT_EQ(test::read_text(c.stream), "for nobody");
  });
}

TEST(Kill, AReaderThatNeverHasToWaitEndsToo) {
  troupe::system sys({.workers = 1});
  connection c(sys);
  std::atomic<std::size_t> reads{0};
  std::thread sender([&] {
    try {
      for (const std::string data(64 * 1024, 'x');;) c.other.send(data);
    } catch (const std::system_error&) {  // the reader has closed its side
    }
  });
  const auto reader = sys.spawn(
      [&reads](context&, io::tcp_stream stream) {
        std::array<std::byte, 16> room;
        for (; stream.read(room) != 0; ++reads) {
        }
      },
      std::move(c.stream));
  ASSERT_TRUE(test::eventually([&] { return reads > 10'000; }));
  reader.kill();
  sys.await_actors();
  sender.join();
}

TEST(Kill, AtAnyMomentWhileDataFlows) {
  SCOPED_TRACE(test::seed_message());
  test::random_choices random(0);
  troupe::system sys({.workers = 3});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  const std::size_t open_before = test::open_descriptors();
  for (std::size_t i = 0; i < test::scaled(300); ++i) {
    io::tcp_stream server;
    io::tcp_stream client;
    in_actor(sys, [&](context&) {
      client = io::tcp_stream::connect("127.0.0.1", port);
      server = listener.accept();
    });
    client.read_timeout(std::chrono::microseconds(random.up_to(2000)));
    const auto echo = sys.spawn(
        [](context&, io::tcp_stream stream) {
          std::array<std::byte, 256> room;
          std::error_code error;
          while (const std::size_t got = stream.read(room, error)) {
            stream.write_all(std::span(room).first(got), error);
          }
        },
        std::move(server));
    const auto driver = sys.spawn(
        [](context&, io::tcp_stream stream) {
          std::array<std::byte, 256> room{};
          std::error_code error;
          for (;;) {
            stream.write_all(room, error);
            if (error) return;
            stream.read(room, error);
            if (error && error != errc::timeout) return;
          }
        },
        std::move(client));
    std::this_thread::sleep_for(std::chrono::microseconds(random.up_to(500)));
    (random.one_in(2) ? echo : driver).kill();
    sys.await_actors();  // the other one hears of it by its connection
  }
  EXPECT_TRUE(test::eventually([&] { return test::open_descriptors() <= open_before; }));
}

}  // namespace
}  // namespace troupe
