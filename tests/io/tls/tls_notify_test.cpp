// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// TLS streams that are waited for beside other messages.

#include <support/random.hpp>
#include <io/tls/tls_pair.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <future>
#include <string>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::tls_context;
using io::tls_errc;
using io::tls_stream;
using test::in_actor;
using test::tls_pair;

class TlsNotify : public testing::Test {
 protected:
  tls_pair connected() { return {sys, server_context, client_context}; }

  test::tls_setup setup;
  troupe::system sys{{.workers = 2}};
  tls_context server_context = tls_context::server(setup.server_options());
  tls_context client_context = tls_context::client(setup.client_options());
};

/// One try_read of at most `room` bytes.
std::string try_text(tls_stream& stream, std::error_code& error, std::size_t room = 4096) {
  std::string text(room, '\0');
  text.resize(stream.try_read(std::as_writable_bytes(std::span(text)), error));
  return text;
}

/// Whether a notice for that stream comes.
bool is_notified(context& self, const tls_stream& stream, std::chrono::nanoseconds limit) {
  return self.receive([&](const io::socket_ready& m) { EXPECT_EQ(m.id, stream.id()); },
                      after(limit));
}

TEST_F(TlsNotify, TellsWhatHasBeenReceivedAlready) {
  tls_pair pair = connected();
  in_actor(sys, [&](context& self) {
    std::error_code error;
    pair.client.write_all("one");
    pair.client.write_all("another");  // a record of its own
    EXPECT_EQ(test::read_text(pair.server, error, 2), "on");
    for (const auto* const rest : {"e", "another"}) {
      pair.server.notify_readable(self);
      ASSERT_TRUE(is_notified(self, pair.server, 1min));
      EXPECT_EQ(try_text(pair.server, error), rest);
      EXPECT_FALSE(error) << error.message();
    }
    EXPECT_EQ(try_text(pair.server, error), "");
    EXPECT_EQ(error, std::errc::operation_would_block);
    pair.server.notify_readable(self);
    EXPECT_FALSE(is_notified(self, pair.server, 5ms));
    pair.client.write_all("more");
    ASSERT_TRUE(is_notified(self, pair.server, 1min));
    EXPECT_EQ(try_text(pair.server, error), "more");
  });
}

TEST_F(TlsNotify, TellsOfTheEndWheneverItIsAsked) {
  for (const bool in_order : {true, false}) {
    tls_pair pair = connected();
    in_actor(sys, [&](context& self) {
      if (in_order) pair.client.shutdown();
      pair.client.close();
      std::error_code error = std::make_error_code(std::errc::operation_would_block);
      for (int i = 0; i < 3 || error == std::errc::operation_would_block; ++i) {
        pair.server.notify_readable(self);
        ASSERT_TRUE(is_notified(self, pair.server, 1min));
        EXPECT_EQ(try_text(pair.server, error), "");
      }
      if (in_order) {
        EXPECT_FALSE(error) << error.message();
      } else {
        EXPECT_EQ(error, tls_errc::truncated);
      }
    });
  }
}

// The look at what has been received finds it, and the next read tells it.
TEST_F(TlsNotify, TellsOfAnErrorWheneverItIsAsked) {
  test::tcp_pair tcp(sys);
  const int wire = ::dup(tcp.client.native_handle());
  in_actor(sys, [&](context& self) {
    tls_stream server;
    counter other;
    run([&] { server = tls_stream::server(server_context, std::move(tcp.server)); }, other);
    auto client = tls_stream::client(client_context, std::move(tcp.client), "server.test");
    other.wait();
    client.write_all("whole");
    std::string forged("\x17\x03\x03\x00\x20", 5);  // a header, then what is no ciphertext
    forged.append(32, 'x');
    ASSERT_EQ(::send(wire, forged.data(), forged.size(), MSG_NOSIGNAL), 37);
    std::error_code error;
    EXPECT_EQ(test::read_text(server, error), "whole");
    for (int i = 0; i < 3; ++i) {
      server.notify_readable(self);
      ASSERT_TRUE(is_notified(self, server, 1min));
      EXPECT_EQ(try_text(server, error), "");
      EXPECT_EQ(error, tls_errc::protocol) << error.message();
    }
  });
  ::close(wire);
}

TEST_F(TlsNotify, LosesNothing) {
  tls_pair pair = connected();
  test::random_choices choose(__LINE__);
  std::string sent;
  std::string came;
  in_actor(sys, [&](context& self) {
    counter written;
    run(
        [&] {
          for (int i = 0; i < 300; ++i) {
            const std::string part(1 + choose.up_to(20'000), static_cast<char>(i));
            pair.client.write_all(part);
            sent += part;
          }
          pair.client.shutdown();
        },
        written);
    for (std::error_code error = std::make_error_code(std::errc::operation_would_block); error;) {
      pair.server.notify_readable(self);
      ASSERT_TRUE(is_notified(self, pair.server, 1min));
      std::string part;
      while (!(part = try_text(pair.server, error, 3000)).empty()) came += part;
      ASSERT_TRUE(!error || error == std::errc::operation_would_block) << error.message();
    }
    written.wait();
  });
  EXPECT_TRUE(came == sent);
}

TEST_F(TlsNotify, WithoutAConnection) {
  in_actor(sys, [&](context& self) {
    tls_stream none;
    std::error_code error;
    EXPECT_EQ(try_text(none, error), "");
    EXPECT_EQ(error, std::errc::bad_file_descriptor);
    EXPECT_THROW(none.notify_readable(self), std::system_error);
    EXPECT_FALSE(none.id());
  });
}

/// Sends back what comes, until the server drains.
void echo_until_drained(context& self, tls_stream peer) {
  for (bool drains = false; !drains;) {
    peer.notify_readable(self);
    self.receive([](io::socket_ready) {}, [&](draining) { drains = true; });
    std::error_code error;
    peer.write_all(try_text(peer, error));
  }
  peer.write_all("bye");
  peer.shutdown();
}

TEST_F(TlsNotify, AServerDrainsInOrder) {
  auto listener = test::any_port();
  const auto port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener), [this](context& self, io::tcp_stream peer) {
    echo_until_drained(self, tls_stream::server(server_context, std::move(peer)));
  });
  std::future<std::size_t> killed;
  in_actor(sys, [&](context&) {
    auto client = tls_stream::connect(client_context, "127.0.0.1", port);
    client.write_all("hello");
    std::array<std::byte, 5> echoed{};
    client.read_exactly(echoed);
    EXPECT_EQ(test::text_of(echoed), "hello");
    killed = std::async(std::launch::async, [&] { return sys.ask(server, drain{1min}); });
    std::error_code error;
    EXPECT_EQ(test::read_text(client, error), "bye");
    EXPECT_EQ(test::read_text(client, error), "");
    EXPECT_FALSE(error) << error.message();
  });
  EXPECT_EQ(killed.get(), 0U);
  sys.await_actors();
}

}  // namespace
}  // namespace troupe
