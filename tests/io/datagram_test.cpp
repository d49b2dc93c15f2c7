// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/scratch_directory.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::in_actor;
using test::scratch_directory;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const std::system_error& e) {
    return e.what();
  }
  return "no exception";
}

TEST(UdpSocket, SendsAndAnswers) {
  troupe::system sys({.workers = 2});
  auto server = io::udp_socket::bind("127.0.0.1", 0);
  const io::endpoint at = server.local_endpoint();
  static_cast<void>(sys.spawn([&](context&) {
    std::array<std::byte, 64> room;
    for (int i = 0; i < 2; ++i) {
      const auto got = server.receive(room);
      server.send_to(std::span(room).first(got.size), got.from);
    }
  }));
  in_actor(sys, [&](context&) {
    std::array<std::byte, 64> room;
    auto client = io::udp_socket::connect("127.0.0.1", at.port());
    client.send(bytes("connected"));
    auto got = client.receive(room);
    EXPECT_EQ(test::text_of(std::span(room).first(got.size)), "connected");
    EXPECT_EQ(got.from, at);
    EXPECT_FALSE(got.truncated);

    auto other = io::udp_socket::bind("127.0.0.1", 0);
    other.send_to(bytes("by address"), at);
    got = other.receive(room);
    EXPECT_EQ(test::text_of(std::span(room).first(got.size)), "by address");
  });
  sys.await_actors();
}

TEST(UdpSocket, SaysWhenADatagramWasCutShortAndKeepsEmptyOnes) {
  troupe::system sys({.workers = 1});
  auto server = io::udp_socket::bind("127.0.0.1", 0);
  in_actor(sys, [&](context&) {
    auto client = io::udp_socket::connect("127.0.0.1", server.local_endpoint().port());
    std::array<std::byte, 4> room;
    client.send(bytes("too long"));
    auto got = server.receive(room);
    EXPECT_TRUE(got.truncated);
    EXPECT_EQ(test::text_of(std::span(room).first(got.size)), "too ");
    client.send({});
    got = server.receive(room);
    EXPECT_EQ(got.size, 0U);
    EXPECT_EQ(got.from, client.local_endpoint());
  });
}

TEST(UdpSocket, ReportsAPeerThatIsGone) {
  troupe::system sys({.workers = 1});
  auto gone = io::udp_socket::bind("127.0.0.1", 0);
  auto client = io::udp_socket::connect("127.0.0.1", gone.local_endpoint().port());
  gone.close();
  in_actor(sys, [&](context&) {
    client.read_timeout(1min);
    client.send(bytes("anybody there?"));
    std::array<std::byte, 4> room;
    EXPECT_EQ(error_of([&](auto& error) { client.receive(room, error); }),
              std::errc::connection_refused);
  });
}

TEST(UdpSocket, HasTimeoutsAndNotices) {
  troupe::system sys({.workers = 1});
  auto server = io::udp_socket::bind("127.0.0.1", 0);
  in_actor(sys, [&](context& self) {
    std::array<std::byte, 16> room;
    server.read_timeout(5ms);
    EXPECT_EQ(error_of([&](auto& error) { server.receive(room, error); }), errc::timeout);
    server.read_timeout(-1ns);
    EXPECT_EQ(error_of([&](auto& error) { server.receive(room, error); }), errc::timeout);
    EXPECT_EQ(error_of([&](auto& error) { server.try_receive(room, error); }),
              std::errc::operation_would_block);
    server.notify_readable(self);
    EXPECT_FALSE(self.receive([](const io::socket_ready&) {}, after(5ms)));
    auto client = io::udp_socket::connect("127.0.0.1", server.local_endpoint().port());
    client.send(bytes("news"));
    EXPECT_TRUE(self.receive([](const io::socket_ready&) {}, after(1min)));
    std::error_code error;
    EXPECT_EQ(server.try_receive(room, error).size, 4U);
  });
}

TEST(UdpSocket, ErrorsNameAddressAndPort) {
  troupe::system sys({.workers = 1});
  auto first = io::udp_socket::bind("127.0.0.1", 0);
  const std::uint16_t port = first.local_endpoint().port();
  const std::string in_use = message_of([&] { io::udp_socket::bind("127.0.0.1", port); });
  EXPECT_NE(in_use.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << in_use;
  const std::string bad = message_of([] { io::udp_socket::bind("no address", 80); });
  EXPECT_NE(bad.find("no address:80: no IPv4 or IPv6 address"), std::string::npos) << bad;
  const std::string cut("127.0.0.1\0evil", 14);
  for (const std::string& said : {message_of([&] { io::udp_socket::bind(cut, 80); }),
                                  message_of([&] { io::udp_socket::connect(cut, 80); })}) {
    EXPECT_NE(said.find("127.0.0.1(zero byte)evil:80: no IPv4"), std::string::npos) << said;
  }
  const std::string empty = message_of([] { io::udp_socket::connect("", 80); });
  EXPECT_NE(empty.find("(empty host):80: no IPv4"), std::string::npos) << empty;
  const std::string elsewhere = message_of([] { io::udp_socket::bind("192.0.2.1", 80); });
  EXPECT_NE(elsewhere.find("192.0.2.1:80"), std::string::npos) << elsewhere;

  io::udp_socket none;
  EXPECT_THROW(static_cast<void>(none.local_endpoint()), std::system_error);
  EXPECT_THROW(first.send(bytes("x")), std::logic_error);  // a plain thread may not wait
  in_actor(sys, [&](context&) {
    std::array<std::byte, 4> room;
    const auto closed = std::errc::bad_file_descriptor;
    EXPECT_EQ(error_of([&](auto& error) { none.receive(room, error); }), closed);
    EXPECT_EQ(error_of([&](auto& error) { none.try_receive(room, error); }), closed);
    EXPECT_EQ(error_of([&](auto& error) { none.send(bytes("x"), error); }), closed);
    EXPECT_EQ(error_of([&](auto& error) { first.send(bytes("x"), error); }),
              std::errc::destination_address_required);
    const std::string big(70000, 'b');
    EXPECT_EQ(
        error_of([&](auto& error) { first.send_to(bytes(big), first.local_endpoint(), error); }),
        std::errc::message_size);
  });
}

TEST(UdpSocket, DualStackReceivesFromIpv4) {
  troupe::system sys({.workers = 1});
  io::udp_socket server;
  try {
    server = io::udp_socket::bind("::", 0);
  } catch (const std::system_error& e) {
    GTEST_SKIP() << "no IPv6 here: " << e.what();
  }
  in_actor(sys, [&](context&) {
    auto client = io::udp_socket::connect("127.0.0.1", server.local_endpoint().port());
    client.send(bytes("x"));
    std::array<std::byte, 4> room;
    EXPECT_EQ(server.receive(room).from.address().to_string(), "::ffff:127.0.0.1");
  });
}

TEST(LocalDatagram, SendsByPathAndAnswers) {
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  auto server = io::local_datagram::bind(directory / "server");
  auto client = io::local_datagram::bind(directory / "client");
  auto nameless = io::local_datagram::connect(directory / "server");
  in_actor(sys, [&](context&) {
    std::array<std::byte, 16> room;
    client.send_to(bytes("question"), directory / "server");
    auto got = server.receive(room);
    EXPECT_EQ(got.size, 8U);
    EXPECT_EQ(got.from, directory / "client");
    server.send_to(bytes("answer"), got.from);
    EXPECT_EQ(client.receive(room).from, directory / "server");
    nameless.send(bytes("no answer wanted"));
    got = server.receive(room);
    EXPECT_EQ(got.size, 16U);
    EXPECT_EQ(got.from, "");
  });
  client.close();
  EXPECT_FALSE(std::filesystem::exists(directory / "client"));
}

TEST(LocalDatagram, WaitsForAReceiverThatIsBehind) {
  troupe::system sys({.workers = 2});
  const scratch_directory directory;
  constexpr std::size_t count = 1000;  // more than a receiver may have unread
  auto server = io::local_datagram::bind(directory / "server");
  auto pair = io::local_datagram::make_pair();
  const auto drain = [](io::local_datagram& from) {
    return [&from](context&) {
      for (std::size_t i = 0; i < count; ++i) {
        std::array<std::byte, 16> room;
        const auto got = from.receive(room);
        EXPECT_EQ(test::text_of(std::span(room).first(got.size)), std::to_string(i));
      }
    };
  };
  std::atomic<int> sent{0};
  static_cast<void>(sys.spawn([&](context&) {
    auto client = io::local_datagram::bind(directory / "client");
    for (std::size_t i = 0; i < count; ++i) {
      client.send_to(bytes(std::to_string(i)), directory / "server");
    }
    ++sent;
  }));
  static_cast<void>(sys.spawn([&](context&) {
    for (std::size_t i = 0; i < count; ++i) pair.first.send(bytes(std::to_string(i)));
    ++sent;
  }));
  in_actor(sys, [&](context& self) { self.sleep_for(20ms); });
  EXPECT_EQ(sent, 0);
  static_cast<void>(sys.spawn(drain(server)));
  static_cast<void>(sys.spawn(drain(pair.second)));
  sys.await_actors();
  EXPECT_EQ(sent, 2);
}

TEST(LocalDatagram, SendingToAFullReceiverTimesOut) {
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  const auto server = io::local_datagram::bind(directory / "server");
  auto client = io::local_datagram::bind(directory / "client");
  client.write_timeout(200ms);
  in_actor(sys, [&](context&) {
    std::error_code error;
    const auto before = std::chrono::steady_clock::now();
    const auto cpu_before = std::clock();
    while (!error) client.send_to(bytes("x"), directory / "server", error);
    EXPECT_EQ(error, errc::timeout);
    EXPECT_LT(static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC, 0.1);  // no spinning
    EXPECT_GE(std::chrono::steady_clock::now() - before, 200ms);
  });
}

TEST(LocalDatagram, TakesAStalePathWhenAskedTo) {
  const scratch_directory directory;
  const std::string path = directory / "service";
  const std::string aside = directory / "aside";
  {
    const auto crashed = io::local_datagram::bind(path);
    std::filesystem::rename(path, aside);  // so that it cannot remove it
  }
  std::filesystem::rename(aside, path);
  const auto taken = [](const std::string& at) {
    EXPECT_THROW(static_cast<void>(io::local_datagram::bind(at, {.remove_stale = true})),
                 std::system_error);
    EXPECT_TRUE(std::filesystem::exists(at));
  };
  EXPECT_THROW(static_cast<void>(io::local_datagram::bind(path)), std::system_error);
  const auto socket = io::local_datagram::bind(path, {.remove_stale = true});
  EXPECT_TRUE(socket.is_open());
  taken(path);
  const auto listener = io::local_listener::bind(directory / "of another kind");
  taken(listener.path());
  const std::string file = directory / "file";
  std::ofstream(file) << "precious";
  taken(file);
}

TEST(LocalDatagram, ErrorsNameThePath) {
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  auto first = io::local_datagram::bind(directory / "first");
  const std::string long_path = directory / std::string(120, 'l');
  for (const std::string& path : {directory / "first", directory / "none/x", long_path}) {
    const std::string text = message_of([&] { io::local_datagram::bind(path); });
    EXPECT_NE(text.find(path), std::string::npos) << text;
  }
  const std::string nobody = message_of([&] { io::local_datagram::connect(directory / "none"); });
  EXPECT_NE(nobody.find("none"), std::string::npos) << nobody;
  in_actor(sys, [&](context&) {
    const std::string text = message_of([&] { first.send_to(bytes("x"), directory / "none"); });
    EXPECT_NE(text.find(directory / "none"), std::string::npos) << text;
    EXPECT_EQ(error_of([&](auto& error) { first.send_to(bytes("x"), long_path, error); }),
              std::errc::filename_too_long);
  });
}

}  // namespace
}  // namespace troupe
