// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Who is let in, and what those hear who are not; wrong files.

#include <io/tls/tls_pair.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::tls_context;
using io::tls_errc;
using io::tls_options;
using test::in_actor;
using test::tls_pair;
using test::tls_setup;

class TlsCertificate : public testing::Test {
 protected:
  tls_setup setup;
  troupe::system sys{{.workers = 2}};

  /// A handshake with a server that has this certificate.
  tls_pair meet(const test::identity& server, const std::string& host = "server.test") {
    const tls_options options{.certificate_file = server.certificate_file,
                              .key_file = server.key_file};
    return {sys, tls_context::server(options), tls_context::client(setup.client_options()), host};
  }
  /// A handshake of such a client with a server that demands a certificate.
  tls_pair introduce(const tls_options& client) {
    auto server = setup.server_options();
    server.authority_file = setup.authority.file();
    return {sys, tls_context::server(server), tls_context::client(client)};
  }
};

TEST_F(TlsCertificate, IsForTheHost) {
  EXPECT_FALSE(meet(setup.server_identity).client_error);
  EXPECT_FALSE(meet(setup.server_identity, "127.0.0.1").client_error);
  for (const char* other : {"other.test", "127.0.0.2", "test", "x.server.test"}) {
    const tls_pair pair = meet(setup.server_identity, other);
    EXPECT_EQ(pair.client_error, tls_errc::wrong_host) << other << pair.client_error.message();
    EXPECT_EQ(pair.server_error, tls_errc::refused_by_peer) << pair.server_error.message();
    EXPECT_FALSE(pair.client);
  }
}

TEST_F(TlsCertificate, IsForItsAlternativeNamesNotItsSubject) {
  EXPECT_EQ(meet(setup.authority.issue("server.test", "")).client_error, tls_errc::wrong_host);
}

TEST_F(TlsCertificate, IsChosenByTheNameThatTheClientAsksFor) {
  const auto other = setup.authority.issue("other", "DNS:other.test,DNS:*.wild.test");
  const auto third = setup.authority.issue("third", "DNS:third.test,DNS:server.test");
  auto options = setup.server_options();
  options.more_certificates = {io::tls_identity{other.certificate_file, other.key_file},
                               io::tls_identity{third.certificate_file, third.key_file}};
  const auto server = tls_context::server(options);
  const auto client = tls_context::client(setup.client_options());
  for (const auto& [host, subject] :
       {std::pair{"server.test", "CN=server"},
        std::pair{"127.0.0.1", "CN=server"},  // asked for by no name
        std::pair{"other.test", "CN=other"}, std::pair{"any.wild.test", "CN=other"},
        std::pair{"third.test", "CN=third"}}) {
    const tls_pair pair(sys, server, client, host);
    ASSERT_FALSE(pair.client_error) << host << ": " << pair.client_error.message();
    EXPECT_EQ(pair.client.peer_name(), subject) << host;
  }
  EXPECT_EQ(tls_pair(sys, server, client, "fourth.test").client_error, tls_errc::wrong_host);
}

TEST_F(TlsCertificate, HasADate) {
  const auto expired = setup.authority.issue("old", "DNS:server.test", -2h, -1h);
  EXPECT_EQ(meet(expired).client_error, tls_errc::certificate_expired);
  const auto fresh = setup.authority.issue("new", "DNS:server.test", 1h, 2h);
  EXPECT_EQ(meet(fresh).client_error, tls_errc::certificate_not_yet_valid);
}

TEST_F(TlsCertificate, ComesFromAKnownAuthority) {
  test::certificate_authority stranger("stranger");
  EXPECT_EQ(meet(stranger.issue("server", "DNS:server.test")).client_error,
            tls_errc::unknown_authority);
  const auto server = tls_context::server(setup.server_options());
  EXPECT_EQ(tls_pair(sys, server, tls_context::client()).client_error, tls_errc::unknown_authority);
  const auto trusting = tls_context::client({.verify_server = false});
  EXPECT_FALSE(tls_pair(sys, server, trusting, "whoever").client_error);
}

TEST_F(TlsCertificate, OfAClientIsDemandedWhereTheServerNamesAuthorities) {
  auto client = setup.client_options();
  EXPECT_TRUE(introduce(client).server_error);  // it has none
  client.certificate_file = setup.client_identity.certificate_file;
  client.key_file = setup.client_identity.key_file;
  const tls_pair known = introduce(client);
  EXPECT_FALSE(known.server_error) << known.server_error.message();
  EXPECT_EQ(known.server.peer_name(), "CN=client");

  test::certificate_authority stranger("stranger");
  const auto strange = stranger.issue("client", "DNS:client.test");
  client.certificate_file = strange.certificate_file;
  client.key_file = strange.key_file;
  tls_pair refused = introduce(client);
  EXPECT_EQ(refused.server_error, tls_errc::unknown_authority) << refused.server_error.message();
  EXPECT_FALSE(refused.client_error);  // with TLS 1.3, the client's part of the handshake is over
  in_actor(sys, [&](context&) {
    std::error_code error;
    test::read_text(refused.client, error);
    EXPECT_EQ(error, tls_errc::refused_by_peer) << error.message();
  });
}

TEST_F(TlsCertificate, ErrorsNameTheHostAndTheReason) {
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const auto other = setup.authority.issue("other", "DNS:other.test");
  static_cast<void>(sys.spawn([&](context&) {
    std::error_code error;
    io::tls_stream::server(tls_context::server({.certificate_file = other.certificate_file,
                                                .key_file = other.key_file}),
                           listener.accept(), error);
  }));
  in_actor(sys, [&](context&) {
    const auto port = listener.local_endpoint().port();
    try {
      io::tls_stream::connect(tls_context::client(setup.client_options()), "127.0.0.1", port);
      ADD_FAILURE();
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.what(), "troupe: connect with TLS to 127.0.0.1:" + std::to_string(port) +
                              ": IP address mismatch");
    }
  });
}

TEST_F(TlsCertificate, ThatIsRefusedIsToldWithTheClientsAddress) {
  auto options = setup.server_options();
  options.authority_file = setup.authority.file();
  test::tcp_pair tcp(sys);
  const auto port = tcp.client.local_endpoint().port();
  in_actor(sys, [&](context&) {
    counter other;
    run(
        [&] {
          std::error_code error;
          io::tls_stream::client(tls_context::client(setup.client_options()), std::move(tcp.client),
                                 "server.test", error);
        },
        other);
    try {
      io::tls_stream::server(tls_context::server(options), std::move(tcp.server));
      ADD_FAILURE();
    } catch (const std::system_error& e) {
      const std::string text = "troupe: TLS with client 127.0.0.1:" + std::to_string(port) + ": ";
      EXPECT_EQ(std::string(e.what()).substr(0, text.size()), text);
    }
    other.wait();
    EXPECT_THROW(io::tls_stream::server(tls_context::server(options), io::tcp_stream()),
                 std::system_error);
  });
}

/// The text of what `make(options)` throws.
template <class Error>
std::string refusal(const tls_options& options) {
  try {
    static_cast<void>(tls_context::server(options));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST_F(TlsCertificate, FilesThatAreWrongAreNamedWithTheReason) {
  const test::scratch_directory directory;
  const auto good = setup.server_options();
  const auto refused_with = [&](std::string tls_options::*field, const std::string& file) {
    tls_options options = good;
    options.*field = file;
    return refusal<std::system_error>(options);
  };
  const std::string absent = directory / "absent.pem";
  const std::string garbage = directory.file("garbage.pem", "no certificate at all\n");
  const std::string empty = directory.file("empty.pem", "");
  const std::string foreign_key = setup.client_identity.key_file;
  for (const auto& [field, name] : {std::pair{&tls_options::certificate_file, "certificate_file"},
                                    std::pair{&tls_options::key_file, "key_file"},
                                    std::pair{&tls_options::authority_file, "authority_file"}}) {
    const std::string what = "troupe: tls_options::" + std::string(name) + " '";
    EXPECT_EQ(refused_with(field, absent).find(what + absent + "'"), 0U);
    EXPECT_NE(refused_with(field, absent).find("No such file"), std::string::npos);
    for (const std::string& wrong : {garbage, empty, directory / "."}) {
      EXPECT_EQ(refused_with(field, wrong).find(what + wrong + "'"), 0U)
          << refused_with(field, wrong);
    }
    EXPECT_NE(refused_with(field, directory / ".").find("Is a directory"), std::string::npos);
  }
  tls_options options = good;
  options.more_certificates = {io::tls_identity{absent, good.key_file}};
  EXPECT_EQ(refusal<std::system_error>(options),
            "troupe: tls_options::more_certificates[0].certificate_file '" + absent +
                "': No such file or directory");
  EXPECT_EQ(refused_with(&tls_options::key_file, foreign_key),
            "troupe: tls_options::key_file '" + foreign_key + "' for certificate_file '" +
                good.certificate_file + "': key values mismatch");
}

// Neither asked for at the terminal, nor taken.
TEST_F(TlsCertificate, AKeyThatIsEncryptedIsRefused) {
  auto options = setup.server_options();
  options.key_file = setup.authority.encrypted(options.key_file, "password");
  const std::string said = refusal<std::system_error>(options);
  EXPECT_EQ(said.find("troupe: tls_options::key_file '" + options.key_file + "'"), 0U) << said;
}

TEST_F(TlsCertificate, AFileWithAZeroByteInItsNameIsNotTheOneBeforeIt) {
  for (const auto field : {&tls_options::certificate_file, &tls_options::key_file}) {
    auto options = setup.server_options();
    (options.*field) += std::string("\0.pem", 5);
    EXPECT_NE(refusal<std::invalid_argument>(options).find("(zero byte).pem' is no path"),
              std::string::npos);
  }
  auto options = setup.server_options();
  options.authority_file = setup.authority.file() + std::string("\0", 1);
  EXPECT_NE(refusal<std::invalid_argument>(options).find("authority_file '"), std::string::npos);
}

TEST_F(TlsCertificate, OptionsThatAreWrongAreNamed) {
  const auto refused = [](const tls_options& o) { return refusal<std::invalid_argument>(o); };
  EXPECT_NE(refused({}).find("a server needs certificate_file and key_file"), std::string::npos);
  auto options = setup.server_options();
  options.handshake_timeout = 0s;
  EXPECT_NE(refused(options).find("handshake_timeout = 0 ns"), std::string::npos);
  options = setup.server_options();
  options.oldest = static_cast<io::tls_version>(7);
  EXPECT_NE(refused(options).find("oldest = 7"), std::string::npos);
  options = setup.server_options();
  options.protocols = {"h2", ""};
  EXPECT_NE(refused(options).find("'' has 0 bytes"), std::string::npos);
  options = setup.server_options();
  options.more_certificates = {io::tls_identity{options.certificate_file, ""}};
  EXPECT_NE(refused(options).find("more_certificates[0].key_file '' go together"),
            std::string::npos);
  options.more_certificates = {io::tls_identity{options.certificate_file, options.key_file},
                               io::tls_identity{}};
  EXPECT_NE(refused(options).find("more_certificates[1].certificate_file is empty"),
            std::string::npos);
  options = setup.client_options();
  options.more_certificates = {
      io::tls_identity{setup.server_identity.certificate_file, setup.server_identity.key_file}};
  EXPECT_THROW(tls_context::client(options), std::invalid_argument);
  EXPECT_THROW(tls_context::client({.certificate_file = setup.server_identity.certificate_file}),
               std::invalid_argument);
  in_actor(sys, [&](context&) {
    const auto server = tls_context::server(setup.server_options());
    const auto client = tls_context::client(setup.client_options());
    EXPECT_THROW(io::tls_stream::client(server, {}, "server.test"), std::invalid_argument);
    EXPECT_THROW(io::tls_stream::server(client, {}), std::invalid_argument);
    EXPECT_THROW(io::tls_stream::client(client, {}, ""), std::invalid_argument);
    EXPECT_THROW(io::tls_stream::client(client, {}, ".server.test"), std::invalid_argument);
    EXPECT_THROW(io::tls_stream::connect(client, ".server.test", 1), std::invalid_argument);
    std::error_code error;
    EXPECT_THROW(io::tls_stream::connect(client, "", 1, 1min, error), std::invalid_argument);
    try {
      io::tls_stream::connect(client, std::string("server.test\0.evil", 17), 1);
      ADD_FAILURE();
    } catch (const std::invalid_argument& e) {
      EXPECT_NE(std::string(e.what()).find("'server.test(zero byte).evil'"), std::string::npos)
          << e.what();
    }
    EXPECT_THROW(io::tls_stream::client(client, {}, "server.test"), std::system_error);
  });
}

}  // namespace
}  // namespace troupe
