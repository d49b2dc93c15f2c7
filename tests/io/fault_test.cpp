// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What arrives over a bad network is what was sent, up to where it was cut.
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <io/connection.hpp>
#include <io/fault_proxy.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::echo;
using test::eventually;
using test::fault_proxy;
using test::random_choices;

std::string random_text(random_choices& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& each : text) each = static_cast<char>(random.up_to(255));
  return text;
}

/// Sends the text in random pieces, and the end.
void send_in_pieces(io::tcp_stream& to, std::string_view text, random_choices random) {
  std::error_code error;
  while (!text.empty() && !error) {
    const auto piece = text.substr(0, 1 + random.up_to(5000));
    to.write_all(piece, error);
    text.remove_prefix(piece.size());
  }
  if (!error) to.shutdown(error);
}

/// What the echo of `text` was, up to its end or an error.
std::string echo_of(context& self, std::uint16_t port, const std::string& text,
                    const random_choices& random) {
  auto stream = io::tcp_stream::connect("127.0.0.1", port);
  stream.read_timeout(1min);
  stream.write_timeout(1min);
  const auto sender = self.spawn([&](context&) { send_in_pieces(stream, text, random); });
  self.monitor(sender);
  std::string got;
  std::array<std::byte, 2000> room;
  std::error_code error;
  while (const std::size_t count = stream.read(room, error)) {
    got += test::text_of(std::span(room).first(count));
  }
  EXPECT_NE(error, errc::timeout);
  if (error) sender.kill();
  self.receive([](const down&) {});  // it uses what is ours
  return got;
}

/// Runs `clients` actors at a time, each of which gets an echo and hands it to check(sent, got).
template <class Check>
void run_clients(const test::faults& how, std::size_t clients, std::size_t most_bytes,
                 Check&& check, int* cuts = nullptr) {
  SCOPED_TRACE(test::seed_message());
  troupe::system sys({.workers = 2});
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  const std::uint16_t port = listener.local_endpoint().port();
  const auto server = serve(sys, std::move(listener), echo);
  {
    fault_proxy proxy(port, how);
    std::atomic<std::size_t> done{0};
    for (std::size_t i = 0; i < clients; ++i) {
      static_cast<void>(sys.spawn([&, i](context& self) {
        random_choices random(1'000'000 + i);
        const auto text = random_text(random, random.up_to(most_bytes));
        check(text, echo_of(self, proxy.port(), text, random));
        ++done;
      }));
    }
    EXPECT_TRUE(eventually([&] { return done == clients; })) << done << " have ended";
    if (cuts != nullptr) *cuts = proxy.cuts();
  }
  EXPECT_TRUE(eventually([&] { return sys.ask(server, count_connections{}) == 0; }));
  server.kill();
  sys.await_actors();
}

TEST(Faults, EveryByteArrivesHoweverItIsCutAndDelayed) {
  run_clients({.largest_piece = 700, .longest_delay = 200us}, test::scaled(50), 200'000,
              [](const std::string& sent, const std::string& got) { EXPECT_TRUE(got == sent); });
}

TEST(Faults, ByteByByte) {
  run_clients({.largest_piece = 1}, test::scaled(10), 5'000,
              [](const std::string& sent, const std::string& got) { EXPECT_TRUE(got == sent); });
}

TEST(Faults, WhatArrivesBeforeACutIsWhatWasSent) {
  int cuts = 0;
  run_clients(
      {.longest_delay = 100us, .cut_within = 50'000}, test::scaled(200), 100'000,
      [](const std::string& sent, const std::string& got) {
        EXPECT_TRUE(sent.starts_with(got)) << got.size() << " of " << sent.size();
      },
      &cuts);
  EXPECT_GT(cuts, 0);
}

}  // namespace
}  // namespace troupe
