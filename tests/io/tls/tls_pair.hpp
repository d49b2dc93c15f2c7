// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/tls_stream.hpp>

#include <io/connection.hpp>
#include <io/tls/certificates.hpp>

#include <optional>
#include <system_error>
#include <utility>

namespace troupe::test {

/// Certificates of one authority for a server named "server.test" and a client, and what they need.
struct tls_setup {
  certificate_authority authority{"authority"};
  identity server_identity = authority.issue("server", "DNS:server.test,IP:127.0.0.1");
  identity client_identity = authority.issue("client", "DNS:client.test");

  io::tls_options server_options() const {
    return {.certificate_file = server_identity.certificate_file,
            .key_file = server_identity.key_file};
  }
  io::tls_options client_options() const { return {.authority_file = authority.file()}; }
};

/// Two ends of a TCP connection, each troupe's.
struct tcp_pair {
  explicit tcp_pair(troupe::system& sys) {
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    in_actor(sys, [&](context& self) {
      const auto connecting = self.spawn([&](context&) {
        client = io::tcp_stream::connect("127.0.0.1", listener.local_endpoint().port());
      });
      server = listener.accept();
      self.monitor(connecting);
      self.receive([](const down&) {});
    });
  }
  io::tcp_stream client;
  io::tcp_stream server;
};

/// What came out of a handshake.
struct tls_pair {
  tls_pair(troupe::system& sys, const io::tls_context& server_context,
           const io::tls_context& client_context, const std::string& host = "server.test") {
    tcp_pair tcp(sys);
    in_actor(sys, [&](context&) {
      counter other;
      run(
          [&] {
            server = io::tls_stream::server(server_context, std::move(tcp.server), server_error);
          },
          other);
      client = io::tls_stream::client(client_context, std::move(tcp.client), host, client_error);
      other.wait();
    });
  }

  io::tls_stream client;
  io::tls_stream server;
  std::error_code client_error;
  std::error_code server_error;
};

/// One read of at most `room` bytes.
inline std::string read_text(io::tls_stream& stream, std::error_code& error,
                             std::size_t room = 4096) {
  std::string text(room, '\0');
  text.resize(stream.read(std::as_writable_bytes(std::span(text)), error));
  return text;
}

}  // namespace troupe::test
