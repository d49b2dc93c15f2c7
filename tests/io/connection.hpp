// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::test {

/// A stream and the peer that it is connected to.
struct connection {
  explicit connection(troupe::system& sys) {
    peer_listener listener;
    in_actor(sys,
             [&](context&) { stream = io::tcp_stream::connect("127.0.0.1", listener.port()); });
    other = listener.accept();
  }
  io::tcp_stream stream;
  peer other;
};

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// One read of at most `room` bytes.
inline std::string read_text(io::tcp_stream& stream, std::size_t room = 4096) {
  std::string text(room, '\0');
  text.resize(stream.read(std::as_writable_bytes(std::span(text))));
  return text;
}

/// A listener on whichever port is free.
inline io::tcp_listener any_port() { return io::tcp_listener::bind("127.0.0.1", 0); }

/// A handler of serve() that sends back what comes, until the stream ends either way.
inline void echo(context&, io::tcp_stream stream) {
  std::error_code error;
  std::array<std::byte, 4096> room;
  while (const std::size_t got = stream.read(room, error)) {
    stream.write_all(std::span(room).first(got), error);
    if (error) return;
  }
}

/// What `client` gets for a question that is echoed.
inline std::string asked(peer& client, const std::string& question) {
  client.send(question);
  return client.receive(question.size());
}

/// The error that `call(std::error_code&)` reports.
template <class Call>
std::error_code error_of(Call&& call) {
  std::error_code error;
  call(error);
  return error;
}

}  // namespace troupe::test
