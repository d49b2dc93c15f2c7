// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Registrations that end with their descriptor left open, to go on with another reactor.

#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <support/random.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <sys/syscall.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::interest;
using test::await_closed;
using test::await_ready;
using test::eventually;
using test::in_actor;
using test::watch;

void release(io::reactor_ref reactor, io::socket_id id) {
  reactor.send(io::close_socket{.id = id, .keep_open = true});
}

bool nothing_comes(context& self) {
  return !self.receive([](const any_message&) {}, after(5ms));
}

TEST(RegistrationRelease, LeavesTheDescriptorOpenForAnyOther) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    const test::descriptor writer(ends[1]);
    test::descriptor reader(ends[0]);
    for (const std::size_t worker : {0U, 1U, 1U, 0U}) {
      const io::reactor_ref reactor = sys.reactor(worker);
      const auto id = watch(reactor, reader, interest::readable, self.ref());
      EXPECT_TRUE(nothing_comes(self));
      release(reactor, id);
      EXPECT_EQ(await_closed(self, id), errc::released);
      reader = test::descriptor(ends[0]);
      EXPECT_TRUE(test::is_open(ends[0]));
      EXPECT_EQ(reactor.statistics().sockets, 0U);
    }
    test::write_byte(writer.get());
    EXPECT_TRUE(nothing_comes(self));
    auto channel = io::pipe_reader::adopt(reader.release());  // it is nobody's
    std::array<std::byte, 4> room;
    EXPECT_EQ(channel.read(room), 1U);
  });
}

TEST(RegistrationRelease, ReadinessUnderWayComesFirstAndTheNextReactorReportsItAnew) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    test::descriptor event = test::make_eventfd(1);
    const int number = event.get();
    for (std::size_t round = 0; round < 200; ++round) {
      const io::reactor_ref reactor = sys.reactor(round % 2);
      const auto id = watch(reactor, event, interest::readable, self.ref());
      if (round % 3 == 0) {
        EXPECT_TRUE(await_ready(self, id).readable);
      }
      reactor.send(io::modify_socket{id, interest::readable});
      if (round % 5 == 0) self.yield();
      release(reactor, id);
      for (bool closed = false; !closed;) {
        self.receive([&](io::socket_ready m) { ASSERT_EQ(m.id, id); },
                     [&](const io::socket_closed& m) {
                       ASSERT_EQ(m.id, id);
                       EXPECT_EQ(m.reason, errc::released);
                       closed = true;
                     });
      }
      event = test::descriptor(number);
    }
    EXPECT_TRUE(nothing_comes(self));
  });
}

TEST(RegistrationRelease, OtherRequestsForItFindNothingAnyMore) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto id = watch(reactor, event, interest::readable, self.ref());
    release(reactor, id);
    release(reactor, id);
    reactor.send(io::close_socket{id});
    reactor.send(io::modify_socket{id, interest::writable});
    EXPECT_EQ(await_closed(self, id), errc::released);
    EXPECT_TRUE(nothing_comes(self));
    EXPECT_EQ(reactor.statistics().unknown, 3U);
    event = test::descriptor(number);
    ASSERT_TRUE(test::is_open(number));

    const auto closed_first = watch(reactor, event, interest::readable, self.ref());
    reactor.send(io::close_socket{closed_first});
    release(reactor, closed_first);
    EXPECT_EQ(await_closed(self, closed_first), std::error_code());
    EXPECT_TRUE(test::is_closed(number));
    EXPECT_EQ(reactor.statistics().unknown, 4U);
  });
}

TEST(RegistrationRelease, SaysWhenSomebodyElseHasClosedIt) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto id = watch(reactor, event, interest::readable, self.ref());
    ASSERT_TRUE(eventually([&] { return reactor.statistics().sockets == 1; }));
    ::syscall(SYS_close, number);  // unseen by ThreadSanitizer, which would be right to complain
    release(reactor, id);
    // The runtime's monitor may have got the number for a file of its own, for a moment.
    const std::error_code reason = await_closed(self, id);
    EXPECT_TRUE(reason == std::errc::bad_file_descriptor ||
                reason == std::errc::no_such_file_or_directory)
        << reason.message();
    EXPECT_EQ(reactor.statistics().sockets, 0U);
  });
}

TEST(RegistrationRelease, AReactorThatHasEndedHasClosedIt) {
  troupe::system home({.workers = 1});
  in_actor(home, [&](context& self) {
    std::optional<troupe::system> other;
    other.emplace(system_options{.workers = 1});
    const io::reactor_ref reactor = other->reactor(0);
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto id = watch(reactor, event, interest::readable, self.ref());
    std::thread([&] { other.reset(); }).join();
    release(reactor, id);
    EXPECT_EQ(await_closed(self, id), errc::stopping);
    EXPECT_TRUE(nothing_comes(self));
    EXPECT_TRUE(test::is_closed(number));
  });
}

struct begin {};

TEST(RegistrationRelease, AnOwnerThatIsEndingDoesNotGetItBack) {
  struct owner : actor<void(begin)> {
    owner(io::reactor_ref r, test::descriptor d) : reactor(r), event(std::move(d)) {}
    ~owner() {
      release(reactor, id);
      EXPECT_TRUE(eventually([&] { return reactor.statistics().requests == 2; }));
      EXPECT_TRUE(test::is_open(number));  // until this is over
    }
    void on(begin) {
      id = watch(reactor, event, interest::readable, self().ref());
      self().quit();
    }
    io::reactor_ref reactor;
    test::descriptor event;
    int number = event.get();
    io::socket_id id;
  };
  troupe::system sys({.workers = 1});
  troupe::system other({.workers = 1});  // its reactor works while the owner does not return
  test::descriptor event = test::make_eventfd(0);
  const int number = event.get();
  sys.spawn<owner>(other.reactor(0), std::move(event)).send(begin{});
  EXPECT_TRUE(test::is_closed(number));
  EXPECT_TRUE(eventually([&] { return other.reactor(0).statistics().orphans == 1; }));
}

TEST(RegistrationRelease, AnOwnerThatEndsBeforeTheAnswerMayGiveItBack) {
  troupe::system sys({.workers = 1});
  troupe::system other({.workers = 1});
  const io::reactor_ref reactor = other.reactor(0);
  struct {
    bool is_released, gives_back;
  } const cases[] = {{false, false}, {true, false}, {true, true}};
  for (const auto& [is_released, gives_back] : cases) {
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    in_actor(sys, [&, is_released = is_released, gives_back = gives_back](context& self) {
      const auto handled = reactor.statistics().requests;
      const auto id = watch(reactor, event, interest::readable, self.ref());
      if (!is_released) return;
      release(reactor, id);
      EXPECT_TRUE(eventually([&] { return reactor.statistics().requests == handled + 2; }));
      if (!gives_back) return;
      reactor.send(io::register_socket{io::socket_id::make(), number, interest::none, self.ref()});
    });
    if (is_released && !gives_back) {
      EXPECT_TRUE(eventually([&] { return sys.actor_count() == 0; }));
      EXPECT_TRUE(test::is_open(number));
      ::close(number);
    } else {
      EXPECT_TRUE(test::is_closed(number));
    }
  }
}

/// What two actors hand to each other: descriptors that nobody watches.
struct baton {
  int socket;
  int event;
  any_ref next;
};

/// What comes through both, whoever reads it.
struct arrivals {
  std::size_t bytes = 0;
  std::uint64_t events = 0;
  std::size_t wrong = 0;
  std::atomic<bool> at_end{false};
  std::atomic<std::size_t> moves{0};
  std::atomic<std::uint64_t> seen{0};  // bytes and events

  static char expected(std::size_t at) { return static_cast<char>(at * 31 % 251); }

  void read_some(const baton& from, bool is_socket) {
    if (is_socket) {
      char room[64];  // some is left over, often
      const ssize_t got = ::read(from.socket, room, sizeof room);
      if (got == 0) at_end = true;
      for (ssize_t i = 0; i < got; ++i) wrong += room[i] != expected(bytes++) ? 1 : 0;
    } else if (std::uint64_t count = 0; ::read(from.event, &count, sizeof count) > 0) {
      events += count;
    }
    seen = bytes + events;
  }
};

/// Watches what it is given until something comes of it, then lets the next one do so.
void watch_in_turn(context& self, io::reactor_ref reactor, arrivals& all) {
  while (!all.at_end) {
    std::optional<baton> mine;
    self.receive([&](const baton& b) { mine = b; });
    const auto socket = io::socket_id::make();
    const auto event = io::socket_id::make();
    reactor.send(io::register_socket{socket, mine->socket, interest::readable, self.ref()});
    reactor.send(io::register_socket{event, mine->event, interest::readable, self.ref()});
    const auto handle = [&](io::socket_ready m) {
      EXPECT_TRUE(m.id == socket || m.id == event);
      all.read_some(*mine, m.id == socket);
      reactor.send(io::modify_socket{m.id, interest::readable});
    };
    if (!self.receive(handle, after(1min))) {
      ADD_FAILURE() << "an event is lost, after " << all.moves << " moves";
      all.at_end = true;
    }
    for (const auto id : {socket, event}) release(reactor, id);
    for (int left = 2; left > 0;) {
      self.receive(
          [&](const io::socket_closed& m) {
            EXPECT_EQ(m.reason, errc::released);
            --left;
          },
          [](io::socket_ready) {});  // the next reactor reports it anew
    }
    ++all.moves;
    const any_ref next = std::exchange(mine->next, self.ref());
    next.send(*mine);
  }
}

TEST(RegistrationRelease, ADescriptorGoesToAndFroUnderLoadAndNothingIsLost) {
  SCOPED_TRACE(test::seed_message());
  const std::size_t moves = test::scaled(1000);
  test::socket_pair pair;
  const test::descriptor event = test::make_eventfd(0);
  arrivals all;
  troupe::system sys({.workers = 2});  // ends first, with the actors that use them
  const any_ref first = sys.spawn(watch_in_turn, sys.reactor(0), std::ref(all));
  const any_ref second = sys.spawn(watch_in_turn, sys.reactor(1), std::ref(all));
  first.send(baton{pair.near.get(), event.get(), second});

  // Now and then it waits until all has been read, so that the next event comes alone.
  test::random_choices random(0);
  std::size_t bytes = 0;
  std::uint64_t events = 0;
  const auto all_seen = [&] { return all.seen == bytes + events; };
  while (all.moves < moves) {
    if (random.one_in(2)) {
      const std::uint64_t one = 1;
      ASSERT_EQ(::write(event.get(), &one, sizeof one), ssize_t{sizeof one});
      ++events;
    } else {
      std::string part(1 + random.up_to(200), '\0');
      for (std::size_t i = 0; i < part.size(); ++i) part[i] = arrivals::expected(bytes + i);
      ssize_t sent = 0;
      EXPECT_TRUE(eventually([&] {
        sent = ::write(pair.far.get(), part.data(), part.size());
        return sent > 0;
      }));
      bytes += static_cast<std::size_t>(sent);
    }
    if (random.one_in(2)) {
      EXPECT_TRUE(eventually(all_seen));
    }
    if (HasFailure()) break;
  }
  EXPECT_TRUE(eventually(all_seen));
  pair.far.close();  // each of the two reads the end, and ends
  sys.await_actors();
  EXPECT_EQ(all.wrong, 0U);
  EXPECT_EQ(all.bytes, bytes);
  EXPECT_EQ(all.events, events);
}

}  // namespace
}  // namespace troupe
