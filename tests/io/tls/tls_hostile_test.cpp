// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Peers that break the protocol, or use it against us; and Asio's TLS streams, waited for in
// behaviors, as the peers that do.

#include <troupe/io/wait.hpp>

#include <support/random.hpp>
#include <io/tls/tls_pair.hpp>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/ssl.hpp>
#include <asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::tls_context;
using io::tls_errc;
using io::tls_stream;
using test::in_actor;
using test::read_text;

using asio_stream = asio::ssl::stream<asio::ip::tcp::socket>;

class TlsHostile : public testing::Test {
 protected:
  test::tls_setup setup;
  troupe::system sys{{.workers = 2}};
  tls_context server_context = tls_context::server(setup.server_options());

  /// What a server's handshake says when its peer sends that, and perhaps closes.
  std::error_code answer_to(const std::string& bytes, bool close) {
    auto options = setup.server_options();
    options.handshake_timeout = 50ms;
    test::connection c(sys);
    if (!bytes.empty()) c.other.send(bytes);
    if (close) c.other.shutdown();
    std::error_code error;
    in_actor(sys, [&](context&) {
      tls_stream::server(tls_context::server(options), std::move(c.stream), error);
    });
    return error;
  }

  /// Lets an asio::ssl client, which speaks TLS up to `version`, meet a server. The sockets'
  /// buffers towards the client are small.
  void meet(int version, const std::function<void(asio_stream&)>& client,
            const std::function<void(tls_stream&)>& server) {
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const auto serving = sys.spawn([&](context&) {
      auto peer = listener.accept();
      const int small = 4096;
      ::setsockopt(peer.native_handle(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
      auto stream = tls_stream::server(server_context, std::move(peer));
      server(stream);
    });
    in_actor(sys, [&](context&) {
      asio::ssl::context tls(asio::ssl::context::tls_client);
      tls.load_verify_file(setup.authority.file());
      tls.set_verify_mode(asio::ssl::verify_peer);
      ::SSL_CTX_set_max_proto_version(tls.native_handle(), version);
      asio_stream stream(io::executor(), tls);
      stream.set_verify_callback(asio::ssl::host_name_verification("server.test"));
      stream.next_layer().open(asio::ip::tcp::v4());
      stream.next_layer().set_option(asio::socket_base::receive_buffer_size(32'768));
      stream.next_layer().async_connect(listener.local_endpoint(), wait);
      stream.async_handshake(asio_stream::client, wait);
      client(stream);
    });
    sys.await_actors();
    static_cast<void>(serving);
  }
};

TEST_F(TlsHostile, GarbageInsteadOfAHello) {
  test::random_choices choose(3);
  EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n", false), tls_errc::protocol);
  EXPECT_EQ(answer_to(std::string(100'000, '\0'), false), tls_errc::protocol);
  for (int i = 0; i < 50; ++i) {
    std::string bytes(1 + choose.up_to(2000), '\0');
    for (char& c : bytes) c = static_cast<char>(choose.up_to(255));
    if (choose.one_in(2)) bytes.replace(0, 3, "\x16\x03\x01", 3);  // a handshake record
    EXPECT_TRUE(answer_to(bytes, true));
  }
}

TEST_F(TlsHostile, SilenceAndEnds) {
  EXPECT_EQ(answer_to("", false), errc::timeout);
  EXPECT_EQ(answer_to("\x16", false), errc::timeout);
  EXPECT_EQ(answer_to("", true), tls_errc::truncated);
  EXPECT_EQ(answer_to(std::string("\x16\x03\x01\x02", 4), true), tls_errc::truncated);
}

/// What a client says first.
std::string client_hello() {
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(
      ::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
  ::SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const std::unique_ptr<SSL, decltype(&::SSL_free)> client(::SSL_new(context.get()), &::SSL_free);
  BIO* const sent = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(client.get(), ::BIO_new(::BIO_s_mem()), sent);  // owns them now
  ::SSL_connect(client.get());                                  // hears nothing
  std::string bytes(BIO_ctrl_pending(sent), '\0');
  EXPECT_EQ(::BIO_read(sent, bytes.data(), static_cast<int>(bytes.size())), bytes.size());
  return bytes;
}

// Whatever follows it is not read, let alone kept.
TEST_F(TlsHostile, ACloseNotifyInTheHandshakeEndsIt) {
  const std::string close_notify("\x15\x03\x03\x00\x02\x01\x00", 7);
  EXPECT_EQ(answer_to(close_notify, false).category(), io::openssl_category());
  const std::string ended = client_hello() + close_notify;
  EXPECT_EQ(answer_to(ended, false), tls_errc::truncated);
  EXPECT_EQ(answer_to(ended + std::string(100'000, 'x'), false), tls_errc::truncated);
}

TEST_F(TlsHostile, ARecordThatIsForgedIsAnsweredWithTheReason) {
  meet(
      TLS1_3_VERSION,
      [](asio_stream& stream) {
        std::string forged("\x17\x03\x03\x00\x20", 5);  // a header, then what is no ciphertext
        forged.append(32, 'x');
        asio::async_write(stream.next_layer(), asio::buffer(forged), wait);
        std::string answer(5, '\0');
        std::error_code error;
        asio::async_read(stream, asio::buffer(answer), wait(error).within(1min));
        EXPECT_EQ(error.category(), asio::error::get_ssl_category()) << error.message();
        EXPECT_EQ(ERR_GET_REASON(static_cast<unsigned long>(error.value())),
                  SSL_R_SSLV3_ALERT_BAD_RECORD_MAC)
            << error.message();
      },
      [](tls_stream& stream) {
        std::error_code error;
        EXPECT_EQ(read_text(stream, error), "");
        EXPECT_EQ(error, tls_errc::protocol) << error.message();
      });
}

TEST_F(TlsHostile, AsioStreamsCarryBytes) {
  std::string came;
  meet(
      TLS1_3_VERSION,
      [](asio_stream& stream) {
        asio::async_write(stream, asio::buffer(std::string(300'000, 'a')), wait.within(1min));
        std::string answer(5, '\0');
        asio::async_read(stream, asio::buffer(answer), wait);
        EXPECT_EQ(answer, "thank");
        std::error_code error;
        stream.async_shutdown(wait(error));
        EXPECT_FALSE(error) << error.message();
      },
      [&](tls_stream& stream) {
        came.resize(300'000);
        stream.read_exactly(std::as_writable_bytes(std::span(came)));
        stream.write_all("thank");
        std::error_code error;
        EXPECT_EQ(read_text(stream, error), "");
        EXPECT_FALSE(error) << error.message();
        stream.shutdown();
      });
  EXPECT_EQ(came, std::string(300'000, 'a'));
}

// By an alert that the server's reader sends, though it never writes.
TEST_F(TlsHostile, RenegotiationIsRefused) {
  meet(
      TLS1_2_VERSION,
      [](asio_stream& stream) {
        ASSERT_EQ(::SSL_renegotiate(stream.native_handle()), 1);
        std::error_code error;
        stream.async_handshake(asio_stream::client, wait(error).within(1min));
        EXPECT_TRUE(error);
        EXPECT_NE(error, errc::timeout);
      },
      [](tls_stream& stream) {
        std::error_code error;
        EXPECT_EQ(read_text(stream, error), "");
        EXPECT_TRUE(error);
      });
}

// A client that demands answers, and never reads them. It demands many at a time: answers that come
// one by one are segments of a few bytes, for which the kernel has no room while the window has.
TEST_F(TlsHostile, DemandsForAnswersAreBounded) {
  meet(
      TLS1_3_VERSION,
      [](asio_stream& stream) {
        std::error_code error;
        while (!error) {
          for (int i = 0; i < 100; ++i) {
            ::SSL_key_update(stream.native_handle(), SSL_KEY_UPDATE_REQUESTED);
            ::SSL_write(stream.native_handle(), "x", 1);  // to Asio's buffer
          }
          asio::async_write(stream, asio::buffer("x", 1), wait(error));
        }
      },
      [](tls_stream& stream) {
        std::error_code error;
        while (!error) read_text(stream, error);
        EXPECT_EQ(error, std::errc::no_buffer_space) << error.message();
      });
}

/// Many messages of the protocol itself, and `text`. The stream can send nothing else afterwards.
std::string updates_and(asio_stream& stream, const std::string& text) {
  SSL* const s = stream.native_handle();
  BIO* const sent = ::BIO_new(::BIO_s_mem());
  ::SSL_set0_wbio(s, sent);  // instead of Asio's
  for (int i = 0; i < 2000; ++i) {
    ::SSL_key_update(s, SSL_KEY_UPDATE_NOT_REQUESTED);
    ::SSL_do_handshake(s);
  }
  ::SSL_write(s, text.data(), static_cast<int>(text.size()));
  std::string bytes(BIO_ctrl_pending(sent), '\0');
  EXPECT_EQ(::BIO_read(sent, bytes.data(), static_cast<int>(bytes.size())), bytes.size());
  return bytes;
}

// For none of them has a read to wait.
TEST_F(TlsHostile, APeerThatHasAlwaysSentSomethingDoesNotGetAroundALimit) {
  std::atomic<bool> has_come{false};
  meet(
      TLS1_3_VERSION,
      [&](asio_stream& stream) {
        auto& connection = stream.next_layer();
        connection.set_option(asio::ip::tcp::no_delay(true));
        asio::async_write(connection, asio::buffer(updates_and(stream, "late")), wait);
        for (int on_the_way = -1; on_the_way != 0; yield()) {
          ::ioctl(connection.native_handle(), SIOCOUTQ, &on_the_way);
        }
        has_come = true;
        std::error_code ended;
        char room = 0;
        asio::async_read(connection, asio::buffer(&room, 1), wait(ended));
      },
      [&](tls_stream& stream) {
        while (!has_come) yield();
        std::error_code error;
        for (const auto limit : {1ns, 0ns}) {
          stream.read_timeout(limit);
          EXPECT_EQ(read_text(stream, error), "");
          EXPECT_EQ(error, errc::timeout) << error.message();
        }
        stream.read_timeout(1min);
        EXPECT_EQ(read_text(stream, error), "late");  // nothing is lost
        EXPECT_FALSE(error) << error.message();
      });
}

TEST_F(TlsHostile, ACutIsNoEnd) {
  meet(
      TLS1_3_VERSION,
      [](asio_stream& stream) {
        asio::async_write(stream, asio::buffer("half a mess"), wait);
        stream.next_layer().close();
      },
      [](tls_stream& stream) {
        std::error_code error;
        while (!error) read_text(stream, error);
        EXPECT_EQ(error, tls_errc::truncated);
      });
}

}  // namespace
}  // namespace troupe
