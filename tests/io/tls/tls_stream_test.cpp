// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/random.hpp>
#include <io/tls/tls_pair.hpp>

#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::tls_context;
using io::tls_errc;
using io::tls_stream;
using test::in_actor;
using test::read_text;
using test::tls_pair;
using test::tls_setup;

std::string random_text(std::size_t size) {
  test::random_choices choose(7);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(choose.up_to(255));
  return text;
}

class TlsStream : public testing::Test {
 protected:
  tls_setup setup;
  troupe::system sys{{.workers = 2}};

  tls_pair connected(io::tls_options server, io::tls_options client) {
    return {sys, tls_context::server(server), tls_context::client(client)};
  }
  tls_pair connected() { return connected(setup.server_options(), setup.client_options()); }
};

TEST_F(TlsStream, CarriesBytesInBothDirectionsAndEnds) {
  tls_pair pair = connected();
  ASSERT_FALSE(pair.client_error) << pair.client_error.message();
  ASSERT_FALSE(pair.server_error) << pair.server_error.message();
  EXPECT_EQ(pair.client.version(), "TLSv1.3");
  EXPECT_EQ(pair.client.peer_name(), "CN=server");
  EXPECT_EQ(pair.server.peer_name(), "");
  EXPECT_EQ(pair.server.server_name(), "server.test");
  EXPECT_EQ(pair.client.local_endpoint(), pair.server.remote_endpoint());
  in_actor(sys, [&](context&) {
    std::error_code error;
    pair.client.write_all("hello\r\nthere");
    std::string buffer;
    EXPECT_EQ(pair.server.read_until(buffer, "\r\n", 100), 7U);
    EXPECT_EQ(buffer.substr(0, 7), "hello\r\n");
    pair.client.shutdown();
    while (!read_text(pair.server, error).empty()) {
    }
    EXPECT_FALSE(error);
    EXPECT_EQ(read_text(pair.server, error), "");  // the end stays
    EXPECT_FALSE(error);
    pair.server.write_all("the other direction is still open");
    std::array<std::byte, 3> three{};
    pair.client.read_exactly(three);
    EXPECT_EQ(test::text_of(three), "the");
  });
}

TEST_F(TlsStream, MayBeShutDownTwiceAndStillReads) {
  tls_pair pair = connected();
  in_actor(sys, [&](context&) {
    std::error_code error;
    pair.client.shutdown();
    pair.server.write_all("one");
    std::array<std::byte, 1> first{};
    pair.client.read_exactly(first);
    pair.client.shutdown(error);  // while the rest of it is there already
    EXPECT_FALSE(error) << error.message();
    pair.client.write_all("x", error);
    EXPECT_EQ(error, std::errc::broken_pipe);
    pair.server.write_all("two");
    std::array<std::byte, 5> rest{};
    pair.client.read_exactly(rest);
    EXPECT_EQ(test::text_of(rest), "netwo");
  });
}

// A reader and a writer at each end, on both workers.
TEST_F(TlsStream, IsFullDuplex) {
  tls_pair pair = connected();
  const std::string text = random_text(test::scaled(2'000'000));
  std::array<std::string, 2> came;
  in_actor(sys, [&](context&) {
    counter all;
    const auto write = [&](tls_stream& to) {
      run(
          [&] {
            for (std::size_t at = 0; at < text.size(); at += 50'000) {
              to.write_all(std::string_view(text).substr(at, 50'000));
            }
            to.shutdown();
          },
          all);
    };
    const auto read = [&](tls_stream& from, std::string& into) {
      run(
          [&] {
            std::error_code error;
            for (std::string part; !(part = read_text(from, error)).empty();) into += part;
            EXPECT_FALSE(error) << error.message();
          },
          all);
    };
    write(pair.client);
    write(pair.server);
    read(pair.client, came[0]);
    read(pair.server, came[1]);
    all.wait();
  });
  EXPECT_TRUE(came[0] == text);
  EXPECT_TRUE(came[1] == text);
}

TEST_F(TlsStream, ConnectsByAddress) {
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const auto context = tls_context::client(setup.client_options());
  static_cast<void>(sys.spawn([&](troupe::context&) {
    auto peer = tls_stream::server(tls_context::server(setup.server_options()), listener.accept());
    EXPECT_EQ(peer.server_name(), "");  // addresses are not told
    peer.write_all("x");
  }));
  in_actor(sys, [&](troupe::context&) {
    auto stream = tls_stream::connect(context, "127.0.0.1", listener.local_endpoint().port(), 1min);
    std::error_code error;
    EXPECT_EQ(read_text(stream, error), "x");
    EXPECT_EQ(read_text(stream, error), "");
    EXPECT_EQ(error, tls_errc::truncated);  // closed without shutdown()
    EXPECT_EQ(read_text(stream, error), "");
    EXPECT_EQ(error, tls_errc::truncated);
  });
}

TEST_F(TlsStream, AgreesOnAProtocol) {
  auto server = setup.server_options();
  auto client = setup.client_options();
  server.protocols = {"h2", "http/1.1"};
  EXPECT_EQ(connected(server, client).server.protocol(), "");  // the client has no wishes
  client.protocols = {"http/1.1", "h2"};
  const tls_pair pair = connected(server, client);
  EXPECT_EQ(pair.server.protocol(), "h2");  // the server's preference
  EXPECT_EQ(pair.client.protocol(), "h2");
  client.protocols = {"smtp"};
  const tls_pair refused = connected(server, client);
  EXPECT_EQ(refused.client_error, tls_errc::refused_by_peer) << refused.client_error.message();
  EXPECT_TRUE(refused.server_error);
}

TEST_F(TlsStream, SpeaksTls12AndNothingOlderThanAllowed) {
  const auto old_client = tls_context::client(setup.client_options());
  ::SSL_CTX_set_max_proto_version(old_client.native_handle(), TLS1_2_VERSION);
  auto options = setup.server_options();
  EXPECT_EQ(tls_pair(sys, tls_context::server(options), old_client).server.version(), "TLSv1.2");
  options.oldest = io::tls_version::tls_1_3;
  const tls_pair refused(sys, tls_context::server(options), old_client);
  EXPECT_EQ(refused.client_error, tls_errc::refused_by_peer);
  EXPECT_EQ(refused.server_error, tls_errc::protocol);
}

TEST_F(TlsStream, HasLimits) {
  tls_pair pair = connected();
  in_actor(sys, [&](context&) {
    std::error_code error;
    pair.client.read_timeout(2ms);
    EXPECT_EQ(read_text(pair.client, error), "");
    EXPECT_EQ(error, errc::timeout);
    pair.server.write_all("late");
    pair.client.read_timeout(1min);
    EXPECT_EQ(read_text(pair.client, error), "late");  // nothing is lost
    pair.client.read_timeout(std::nullopt);
    pair.client.idle_timeout(2ms);
    EXPECT_EQ(read_text(pair.client, error), "");
    EXPECT_EQ(error, errc::timeout);
    pair.server.write_all("later");
    pair.client.idle_timeout(std::nullopt);
    EXPECT_EQ(read_text(pair.client, error), "later");
    pair.client.write_timeout(2ms);
    const std::string much(100'000, 'x');
    while (!error) pair.client.write_all(much, error);
    EXPECT_EQ(error, errc::timeout);
    pair.client.write_all("x", error);
    EXPECT_EQ(error, std::errc::broken_pipe);
    pair.client.shutdown(error);
    EXPECT_EQ(error, std::errc::broken_pipe);
  });
}

TEST_F(TlsStream, WithoutAConnectionSaysSo) {
  tls_stream none;
  EXPECT_FALSE(none);
  EXPECT_THROW(static_cast<void>(none.version()), std::system_error);
  EXPECT_THROW(none.read({}), std::logic_error);  // a plain thread
  none.close();
  in_actor(sys, [&](context&) {
    std::error_code error;
    EXPECT_EQ(read_text(none, error), "");
    EXPECT_EQ(error, std::errc::bad_file_descriptor);
    EXPECT_THROW(none.write_all("x"), std::system_error);
  });
}

TEST_F(TlsStream, IsLeftByActorsThatAreAskedToEnd) {
  for (int i = 0; i < 20; ++i) {
    tls_pair pair = connected();
    std::atomic<int> waiting{0};
    const auto reader = sys.spawn([&](context&) {
      ++waiting;
      std::error_code error;
      read_text(pair.client, error);
    });
    const auto writer = sys.spawn([&](context&) {
      ++waiting;
      const std::string much(100'000, 'x');
      for (;;) pair.server.write_all(much);
    });
    const auto server = sys.spawn([&](context&) {  // in the middle of a handshake
      test::peer_listener listener;
      auto peer = io::tcp_stream::connect("127.0.0.1", listener.port());
      ++waiting;
      tls_stream::server(tls_context::server(setup.server_options()), std::move(peer));
    });
    while (waiting != 3) std::this_thread::yield();
    for (const auto& each : {reader, writer, server}) each.kill();
    sys.await_actors();
    in_actor(sys, [&](context&) {
      std::error_code error;
      pair.server.write_all("x", error);
      EXPECT_EQ(error, std::errc::broken_pipe);
    });
  }
}

}  // namespace
}  // namespace troupe
