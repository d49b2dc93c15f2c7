// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// The session without its socket: records come one by one, which no network promises.

#include <troupe/io/internal/tls_session.hpp>

#include <io/tls/tls_pair.hpp>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace troupe {
namespace {

using io::tls_context;
using io::detail::tls_session;
using io::detail::tls_step;

template <auto free>
struct freer {
  template <class T>
  void operator()(T* p) const noexcept {
    free(p);
  }
};
using context_ptr = std::unique_ptr<SSL_CTX, freer<&::SSL_CTX_free>>;
using session_ptr = std::unique_ptr<SSL, freer<&::SSL_free>>;

session_ptr in_memory(SSL_CTX* context) {
  session_ptr made(::SSL_new(context));
  ::SSL_set_bio(made.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
  return made;
}

/// Moves all that one plain session wants sent to another one.
void carry(SSL* from, SSL* to) {
  std::vector<char> bytes(::BIO_ctrl_pending(::SSL_get_wbio(from)));
  ::BIO_read(::SSL_get_wbio(from), bytes.data(), static_cast<int>(bytes.size()));
  ::BIO_write(::SSL_get_rbio(to), bytes.data(), static_cast<int>(bytes.size()));
}

/// A server that sends tickets, and small records: the client's certificate, which a ticket
/// contains, does not fit into one.
class TlsSession : public testing::Test {
 protected:
  test::tls_setup setup;
  test::identity long_identity = setup.authority.issue("client", long_names());
  context_ptr server_context{::SSL_CTX_new(::TLS_server_method())};
  session_ptr server;

  static std::string long_names() {
    std::string names = "DNS:client.test";
    for (char c = 'a'; c != 'u'; ++c) names += ",DNS:" + std::string(60, c) + ".test";
    return names;
  }

  void SetUp() override {
    SSL_CTX* const c = server_context.get();
    ASSERT_EQ(
        ::SSL_CTX_use_certificate_chain_file(c, setup.server_identity.certificate_file.c_str()), 1);
    ASSERT_EQ(
        ::SSL_CTX_use_PrivateKey_file(c, setup.server_identity.key_file.c_str(), SSL_FILETYPE_PEM),
        1);
    ASSERT_EQ(::SSL_CTX_load_verify_file(c, setup.authority.file().c_str()), 1);
    ::SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    ::SSL_CTX_set_session_id_context(c, reinterpret_cast<const unsigned char*>("test"), 4);
    SSL_CTX_set_max_send_fragment(c, 512);
    server = in_memory(c);
    ::SSL_set_accept_state(server.get());
  }

  void send_output_of(tls_session& client) {
    const auto output = client.take_output();
    ::BIO_write(::SSL_get_rbio(server.get()), output.data(), static_cast<int>(output.size()));
    client.output_sent();
  }
  std::vector<std::byte> output_of_server() {
    BIO* const out = ::SSL_get_wbio(server.get());
    std::vector<std::byte> bytes(::BIO_ctrl_pending(out));
    ::BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
};

TEST_F(TlsSession, AWriteBetweenTheRecordsOfOneMessageFailsAndSoDoAllAfterIt) {
  auto options = setup.client_options();
  options.certificate_file = long_identity.certificate_file;
  options.key_file = long_identity.key_file;
  tls_session client(tls_context::client(options), "server.test");
  std::error_code error;
  while (client.handshake(error) == tls_step::starved) {
    send_output_of(client);
    ::SSL_do_handshake(server.get());
    client.feed(output_of_server());
  }
  ASSERT_FALSE(error) << error.message();
  send_output_of(client);
  ASSERT_EQ(::SSL_do_handshake(server.get()), 1);

  const auto tickets = output_of_server();
  ASSERT_GT(tickets.size(), 1024U);
  const std::size_t first_record =
      5 + 256 * std::to_integer<std::size_t>(tickets[3]) + std::to_integer<std::size_t>(tickets[4]);
  client.feed(std::span(tickets).first(first_record));
  std::byte byte{};
  std::size_t got = 0;
  ASSERT_EQ(client.read(std::span(&byte, 1), got, error), tls_step::starved);
  const std::vector<std::byte> data(100);
  client.write(data, error);
  EXPECT_EQ(error, std::errc::protocol_error);
  EXPECT_TRUE(client.is_cut());
  std::error_code unended;
  client.end_output(unended);
  EXPECT_TRUE(unended);
}

// A context may be shared with those who know nothing of ours, and outlive it there.
TEST_F(TlsSession, TheProtocolsLiveAsLongAsOpenSslsContext) {
  const std::string protocol(100, 'p');
  context_ptr shared;
  {
    auto options = setup.server_options();
    options.protocols = {protocol};
    const auto ours = tls_context::server(options);
    ::SSL_CTX_up_ref(ours.native_handle());
    shared.reset(ours.native_handle());
  }
  const std::string wire = static_cast<char>(protocol.size()) + protocol;
  const std::string other_text(wire.size(), 'q');  // where the first one was, if that has gone
  const session_ptr serving = in_memory(shared.get());
  ::SSL_set_accept_state(serving.get());
  const context_ptr client_context(::SSL_CTX_new(::TLS_client_method()));
  const session_ptr client = in_memory(client_context.get());
  ::SSL_set_connect_state(client.get());
  ::SSL_set_alpn_protos(client.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  for (int i = 0; i < 10; ++i) {  // more than its turns
    ::SSL_do_handshake(client.get());
    carry(client.get(), serving.get());
    ::SSL_do_handshake(serving.get());
    carry(serving.get(), client.get());
  }
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(client.get(), &chosen, &size);
  ASSERT_NE(chosen, nullptr);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), protocol);
  EXPECT_EQ(other_text.size(), wire.size());
}

}  // namespace
}  // namespace troupe
