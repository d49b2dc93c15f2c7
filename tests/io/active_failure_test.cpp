// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Active streams and datagram sockets for which something fails: what ends them, their owners are
// told.
#include <troupe/base/sanitizer.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/epoll.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::in_actor;

/// Why it is closed; std::errc::timed_out when its owner does not hear of it.
template <class Closed>
std::error_code reason_of(context& self, stream_id id) {
  auto reason = std::make_error_code(std::errc::timed_out);
  self.receive(
      [&](const Closed& m) {
        EXPECT_EQ(m.id, id);
        reason = m.reason;
      },
      after(1min));
  return reason;
}

/// Is in the way when the only worker of the caller's system is to watch it: EEXIST.
void prevent_watch(int descriptor) {
  auto& home = *detail::current_scheduler();
  epoll_event nothing{};
  ASSERT_EQ(::epoll_ctl(io::detail::reactor::of(home.worker_at(0)).edges()->descriptor(),
                        EPOLL_CTL_ADD, descriptor, &nothing),
            0);
}

TEST(ActiveStreamFailure, IsToldWhenItCannotBeWatched) {
  troupe::system sys({.workers = 1});
  auto ends = io::local_stream::make_pair();
  const auto stream = std::make_shared<io::local_stream>(std::move(ends.first));
  in_actor(sys, [&](context& self) {
    prevent_watch(stream->native_handle());
    const auto active = activate(self, stream, self.ref());
    EXPECT_EQ(reason_of<tcp_closed>(self, active.id), std::errc::file_exists);
  });
  sys.await_actors();
}

TEST(ActiveStreamFailure, IsToldWhenThereIsNoMemory) {
  struct greedy : io::framer {
    std::optional<io::frame> find(std::string_view input, std::error_code&) override {
      if (input.empty()) return std::nullopt;
      throw std::bad_alloc();
    }
  };
  troupe::system sys({.workers = 1});
  auto ends = io::local_stream::make_pair();
  const auto stream = std::make_shared<io::local_stream>(std::move(ends.first));
  in_actor(sys, [&](context& self) {
    const auto active = activate(self, stream, self.ref(), {.framing = std::make_shared<greedy>()});
    ends.second.write_all("some");
    EXPECT_EQ(reason_of<tcp_closed>(self, active.id), std::errc::not_enough_memory);
  });
  sys.await_actors();
}

TEST(ActiveDatagramFailure, IsToldWhenItCannotBeWatched) {
  troupe::system sys({.workers = 1});
  const auto socket = std::make_shared<io::udp_socket>(io::udp_socket::bind("127.0.0.1", 0));
  in_actor(sys, [&](context& self) {
    prevent_watch(socket->native_handle());
    const auto active = activate(self, socket, self.ref());
    EXPECT_EQ(reason_of<datagrams_closed>(self, active.id), std::errc::file_exists);
  });
  sys.await_actors();
}

TEST(ActiveDatagramFailure, IsToldWhenThereIsNoMemoryToReceiveInto) {
  if (TROUPE_ASAN || TROUPE_TSAN) GTEST_SKIP() << "their allocators end the program";
  troupe::system sys({.workers = 1});
  const auto socket = std::make_shared<io::udp_socket>(io::udp_socket::bind("127.0.0.1", 0));
  in_actor(sys, [&](context& self) {
    const auto active = activate(self, socket, self.ref(), {.max_size = always});
    EXPECT_EQ(reason_of<datagrams_closed>(self, active.id), std::errc::not_enough_memory);
  });
  sys.await_actors();
}

/// Bound to that port of loopback; not open when another process has it.
io::udp_socket bind_again(std::uint16_t port) {
  try {
    return io::udp_socket::bind("127.0.0.1", port);
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::address_in_use) throw;
    return {};
  }
}

/// Whether the socket of `owner` goes on when its peer is not there; nullopt: another process has
/// the peer's port by now.
std::optional<std::string> answer_after_absence(context& owner) {
  auto peer = io::udp_socket::bind("127.0.0.1", 0);
  const std::uint16_t port = peer.local_endpoint().port();
  const auto shared = std::make_shared<io::udp_socket>(io::udp_socket::connect("127.0.0.1", port));
  const auto active = activate(owner, shared, owner.ref());
  std::string got;
  for (int round = 0; round < 10 && (round == 0 || got == "yes"); ++round) {
    peer.close();
    std::error_code of_the_round_before;
    shared->send(std::as_bytes(std::span("anybody there?")),
                 of_the_round_before);  // no: ECONNREFUSED
    peer = bind_again(port);
    if (!peer.is_open()) return std::nullopt;
    peer.send_to(std::as_bytes(std::span("yes", 3)), shared->local_endpoint());
    got = "none";
    const auto its = [&](const auto& m) { return m.id == active.id; };
    owner.receive(when(its, [&](const datagram<io::udp_socket>& d) { got = d.bytes(); }),
                  when(its, [&](const datagrams_closed& m) { got = m.reason.message(); }),
                  after(1min));
  }
  return got;
}

TEST(ActiveDatagramFailure, APeerThatIsNotThereIsNone) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [](context& self) {
    std::optional<std::string> got;
    while (!got) got = answer_after_absence(self);
    EXPECT_EQ(*got, "yes");
  });
  sys.await_actors();
}

/// After that many errors that are about a peer it has a datagram, again and again.
struct faulty_socket : io::datagram_socket {
  struct received {
    std::size_t size = 0;
    std::string from{};
    bool truncated = false;
  };
  explicit faulty_socket(int in_a_row) : errors_in_a_row(in_a_row) {}
  received try_receive(std::span<std::byte>, std::error_code& error) {
    error.clear();
    if (errors++ == errors_in_a_row) {
      errors = 0;
    } else {
      error = std::make_error_code(std::errc::permission_denied);
    }
    return {};
  }
  const int errors_in_a_row;
  int errors = 0;
};

TEST(ActiveDatagramFailure, ErrorsAboutPeersAreNoneUntilThereIsNoEndOfThem) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    activate(self, std::make_shared<faulty_socket>(999), self.ref(), {.messages = 3});
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(self.receive([](const datagram<faulty_socket>&) {}, after(1min)));
    }
    const auto active = activate(self, std::make_shared<faulty_socket>(1000), self.ref());
    EXPECT_EQ(reason_of<datagrams_closed>(self, active.id), std::errc::permission_denied);
  });
  sys.await_actors();
}

TEST(ActiveDatagramFailure, AMailboxThatIsFullEndsItWithoutAMessage) {
  troupe::system sys({.workers = 1});
  auto ends = io::local_datagram::make_pair();
  const auto socket = std::make_shared<io::local_datagram>(std::move(ends.first));
  const spawn_options bounded{.mailbox = {.capacity = 1, .when_full = overflow::fail}};
  std::size_t datagrams = 0;
  std::size_t others = 0;
  sys.spawn(bounded, [&](context& self) {
    for (int i = 0; i < 2; ++i) ends.second.send({});
    const auto active = activate(self, socket, self.ref());
    while (active.reader.alive()) self.yield();
    while (self.receive([&](const datagram<io::local_datagram>&) { ++datagrams; },
                        [&](const datagrams_closed&) { ++others; }, after(0ns))) {
    }
  });
  sys.await_actors();
  EXPECT_EQ(datagrams, 1U);
  EXPECT_EQ(others, 0U);
}

}  // namespace
}  // namespace troupe
