// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Descriptors that a reactor owns: what comes of register_socket, modify_socket and close_socket.

#include <io/connection.hpp>
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using io::interest;
using test::await_closed;
using test::await_ready;
using test::in_actor;
using test::watch;

constexpr auto soon = 10ms;  // what comes for nothing would come at once

bool nothing_comes(context& self) {
  return !self.receive([](const any_message&) {}, after(soon));
}

TEST(Registration, IsReportedOnceForEachTimeItIsAskedFor) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    test::socket_pair pair;
    const int near = pair.near.get();
    const auto id = watch(self.reactor(), pair.near, interest::readable, self.ref());
    EXPECT_TRUE(nothing_comes(self));
    test::write_byte(pair.far.get());
    const io::socket_ready first = await_ready(self, id);
    EXPECT_TRUE(first.readable && !first.writable && !first.error);
    test::write_byte(pair.far.get());
    EXPECT_TRUE(nothing_comes(self));
    for (int i = 0; i < 3; ++i) {  // the bytes are still there: at once
      self.reactor().send(io::modify_socket{id, interest::readable});
      EXPECT_TRUE(await_ready(self, id).readable);
    }
    self.reactor().send(io::modify_socket{id, interest::both});
    const io::socket_ready both = await_ready(self, id);
    EXPECT_TRUE(both.readable && both.writable);
    EXPECT_TRUE(nothing_comes(self));
    self.reactor().send(io::modify_socket{id, interest::writable});
    const io::socket_ready writable = await_ready(self, id);
    EXPECT_TRUE(writable.writable && !writable.readable);
    self.reactor().send(io::close_socket{id});
    EXPECT_EQ(await_closed(self, id), std::error_code());
    EXPECT_TRUE(test::is_closed(near));
  });
}

TEST(Registration, NoneDisarmsIt) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto id = watch(self.reactor(), event, interest::readable, self.ref());
    self.reactor().send(io::modify_socket{id, interest::none});
    EXPECT_TRUE(nothing_comes(self));
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(number, &one, sizeof one), ssize_t{sizeof one});
    EXPECT_TRUE(nothing_comes(self));
    self.reactor().send(io::modify_socket{id, interest::readable});
    EXPECT_TRUE(await_ready(self, id).readable);
  });
}

TEST(Registration, SaysWhatIsWrongWithADescriptor) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    test::descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    const int number = file.get();
    const auto on_file = watch(self.reactor(), file, interest::readable, self.ref());
    EXPECT_EQ(await_closed(self, on_file), std::errc::operation_not_permitted);
    EXPECT_TRUE(test::is_closed(number));

    const auto on_nothing = io::socket_id::make();
    self.reactor().send(
        io::register_socket{on_nothing, 1'000'000'000, interest::readable, self.ref()});
    EXPECT_EQ(await_closed(self, on_nothing), std::errc::bad_file_descriptor);
    EXPECT_EQ(self.reactor().statistics().refused, 2U);
    EXPECT_EQ(self.reactor().statistics().sockets, 0U);
  });
}

TEST(Registration, RefusesMistakesBeforeTheyTravel) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const auto id = io::socket_id::make();
    const io::reactor_ref reactor = self.reactor();
    const any_ref me = self.ref();
    const auto wrong = static_cast<interest>(7);
    EXPECT_THROW(reactor.send(io::register_socket{{}, 0, interest::none, me}), std::logic_error);
    EXPECT_THROW(reactor.send(io::register_socket{id, -1, interest::none, me}), std::logic_error);
    EXPECT_THROW(reactor.send(io::register_socket{id, 0, interest::none, {}}), std::logic_error);
    EXPECT_THROW(reactor.send(io::register_socket{id, 0, wrong, me}), std::logic_error);
    EXPECT_THROW(reactor.send(io::modify_socket{id, wrong}), std::logic_error);
    EXPECT_THROW(reactor.send(io::modify_socket{}), std::logic_error);
    EXPECT_THROW(reactor.send(io::close_socket{}), std::logic_error);
    EXPECT_THROW(io::reactor_ref().send(io::close_socket{id}), std::logic_error);
    try {
      reactor.send(io::register_socket{id, -5, interest::none, me});
    } catch (const std::logic_error& e) {
      EXPECT_NE(std::string(e.what()).find("-5"), std::string::npos) << e.what();
    }
  });
  EXPECT_THROW(static_cast<void>(sys.reactor(1)), std::out_of_range);
  EXPECT_EQ(sys.reactor(0).statistics().requests, 0U);
}

TEST(Registration, ADescriptorIsRegisteredOnceWhereverThatIs) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto first = watch(sys.reactor(0), event, interest::readable, self.ref());
    while (sys.reactor(0).statistics().sockets == 0) self.sleep_for(1ms);
    for (std::size_t worker = 0; worker < 2; ++worker) {
      const auto again = io::socket_id::make();
      sys.reactor(worker).send(io::register_socket{again, number, interest::readable, self.ref()});
      EXPECT_EQ(await_closed(self, again), std::errc::file_exists);
    }
    const std::uint64_t one = 1;  // the first one's goes on
    ASSERT_EQ(::write(number, &one, sizeof one), ssize_t{sizeof one});
    EXPECT_TRUE(await_ready(self, first).readable);
  });
}

TEST(Registration, AnIdIsForOneRegistration) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(0);
    const auto id = watch(reactor, event, interest::readable, self.ref());
    test::descriptor other = test::make_eventfd(1);
    const int number = other.release();
    reactor.send(io::register_socket{id, number, interest::readable, self.ref()});
    reactor.send(io::close_socket{id});
    EXPECT_EQ(await_closed(self, id), std::error_code());
    EXPECT_TRUE(nothing_comes(self));
    EXPECT_TRUE(test::is_closed(number));
    EXPECT_EQ(reactor.statistics().refused, 1U);
  });
}

TEST(Registration, AnIdInUseIsNotAnsweredWhateverItComesWith) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::descriptor event = test::make_eventfd(0);
    const int number = event.get();
    const auto id = watch(reactor, event, interest::readable, self.ref());
    // Its own descriptor once more, and none.
    for (const int with : {number, 1'000'000'000})
      reactor.send(io::register_socket{id, with, interest::readable, self.ref()});
    EXPECT_TRUE(nothing_comes(self));
    EXPECT_TRUE(test::is_open(number));
    EXPECT_EQ(reactor.statistics().refused, 2U);
    EXPECT_EQ(reactor.statistics().sockets, 1U);
    reactor.send(io::close_socket{id});
    EXPECT_EQ(await_closed(self, id), std::error_code());
    EXPECT_TRUE(nothing_comes(self));
  });
}

TEST(Registration, AChannelsDescriptorStaysTheChannels) {
  troupe::system sys({.workers = 2});
  test::connection c(sys);
  in_actor(sys, [&](context& self) {
    for (const std::size_t watcher : {0U, 1U}) {
      c.stream.move_to(watcher);
      c.other.send("x");
      EXPECT_EQ(test::read_text(c.stream, 1), "x");
      for (std::size_t worker = 0; worker < 2; ++worker) {
        const auto id = io::socket_id::make();
        const int number = c.stream.native_handle();
        sys.reactor(worker).send(io::register_socket{id, number, interest::both, self.ref()});
        EXPECT_EQ(await_closed(self, id), std::errc::file_exists);
        ASSERT_TRUE(test::is_open(number));
      }
    }
    c.other.send("y");
    EXPECT_EQ(test::read_text(c.stream, 1), "y");
    // A descriptor of that number is the next owner's.
    const int number = c.stream.native_handle();
    c.stream.close();
    test::descriptor next = test::make_eventfd(1);
    if (next.get() != number) {
      ASSERT_EQ(::dup2(next.get(), number), number);
      next = test::descriptor(number);
    }
    const auto id = watch(sys.reactor(0), next, interest::readable, self.ref());
    EXPECT_TRUE(await_ready(self, id).readable);
  });
}

TEST(Registration, AChannelsDescriptorStaysOpenAlsoWhenTheReactorHasEnded) {
  troupe::system sys({.workers = 1});
  test::connection c(sys);
  io::reactor_ref gone;
  {
    troupe::system other({.workers = 1});
    gone = other.reactor(0);
  }
  in_actor(sys, [&](context& self) {
    const auto id = io::socket_id::make();
    gone.send(io::register_socket{id, c.stream.native_handle(), interest::both, self.ref()});
    EXPECT_EQ(await_closed(self, id), std::errc::file_exists);
    EXPECT_TRUE(test::is_open(c.stream.native_handle()));
  });
}

TEST(Registration, EndsOnceWhenItsDescriptorWasClosedByAnother) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    for (const bool reused : {false, true}) {
      test::descriptor event = test::make_eventfd(0);
      const int number = event.get();
      const auto id = watch(reactor, event, interest::readable, self.ref());
      while (reactor.statistics().sockets == 0) self.sleep_for(1ms);
      ::close(number);
      test::descriptor next;
      if (reused) {
        next = test::make_eventfd(0);
        if (next.get() != number) {
          ASSERT_EQ(::dup2(next.get(), number), number);
          next = test::descriptor(number);
        }
      }
      reactor.send(io::modify_socket{id, interest::readable});
      // The runtime's monitor may have reused it as well, for a moment.
      const std::error_code reason = await_closed(self, id);
      EXPECT_TRUE(reason == std::errc::no_such_file_or_directory ||
                  (!reused && reason == std::errc::bad_file_descriptor))
          << reason.message();
      EXPECT_TRUE(nothing_comes(self));
      EXPECT_TRUE(reused ? test::is_open(number) : test::is_closed(number));  // it is another file
      EXPECT_EQ(reactor.statistics().sockets, 0U);
    }
  });
}

TEST(Registration, ReportsErrors) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    int both[2];
    ASSERT_EQ(::pipe2(both, O_NONBLOCK | O_CLOEXEC), 0);
    ::close(both[0]);
    test::descriptor writer(both[1]);
    const auto id = watch(self.reactor(), writer, interest::writable, self.ref());
    for (int i = 0; i < 2; ++i) {
      const io::socket_ready answer = await_ready(self, id);
      EXPECT_TRUE(answer.writable && answer.error && !answer.readable);
      self.reactor().send(io::modify_socket{id, interest::writable});
    }
  });
}

TEST(Registration, ClosingTwiceIsAnsweredOnce) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [&](context& self) {
    const io::reactor_ref reactor = self.reactor();
    test::socket_pair pair;
    const auto id = watch(reactor, pair.near, interest::readable, self.ref());
    for (int i = 0; i < 2; ++i) reactor.send(io::close_socket{id});
    reactor.send(io::modify_socket{id, interest::both});
    EXPECT_EQ(await_closed(self, id), std::error_code());
    EXPECT_TRUE(nothing_comes(self));
    EXPECT_EQ(reactor.statistics().unknown, 2U);
    EXPECT_EQ(reactor.statistics().requests, 4U);
    char byte;
    EXPECT_EQ(::read(pair.far.get(), &byte, 1), 0);  // the end of the stream
  });
}

TEST(Registration, AUsedDescriptorNumberIsNotTakenForTheOldOne) {
  troupe::system sys({.workers = 2});
  in_actor(sys, [&](context& self) {
    int reused = 0;
    for (int round = 0; round < 200; ++round) {
      const io::reactor_ref reactor = sys.reactor(static_cast<std::size_t>(round) % 2);
      test::descriptor old = test::make_eventfd(1);
      const int number = old.get();
      const auto old_id = watch(reactor, old, interest::readable, self.ref());
      reactor.send(io::close_socket{old_id});
      EXPECT_EQ(await_closed(self, old_id), std::error_code());
      test::descriptor fresh = test::make_eventfd(0);
      if (fresh.get() == number) ++reused;
      const auto id = watch(reactor, fresh, interest::readable, self.ref());
      reactor.send(io::close_socket{id});
      // Of the old one nothing but its socket_ready, which came before its socket_closed; the fresh
      // one never was ready.
      for (bool closed = false; !closed;) {
        self.receive([&](io::socket_ready m) { EXPECT_EQ(m.id, old_id); },
                     [&](const io::socket_closed& m) {
                       EXPECT_EQ(m.id, id);
                       closed = true;
                     });
      }
    }
    EXPECT_GT(reused, 0);
  });
}

struct begin {};

TEST(Registration, ReachesHandlersWithoutSignatures) {
  struct owner : actor<void(begin)> {
    explicit owner(test::descriptor d, std::string& into) : event(std::move(d)), log(into) {}
    void on(begin) { id = watch(self().reactor(), event, interest::readable, self().ref()); }
    void on(io::socket_ready m) {
      log += m.id == id ? "ready " : "? ";
      self().home().reactor(0).send(io::close_socket{id});
    }
    void on(const io::socket_closed& m) {
      log += m.id == id ? "closed " : "? ";
      self().home().reactor(0).send(io::set_timeout{time, 1ms, self().ref()});
    }
    void on(io::timeout m) {
      log += m.id == time ? "timeout" : "?";
      self().quit();
    }
    test::descriptor event;
    std::string& log;
    io::socket_id id;
    io::timeout_id time = io::timeout_id::make();
  };
  std::string log;
  troupe::system sys({.workers = 1});
  sys.spawn<owner>(test::make_eventfd(1), log).send(begin{});
  sys.await_actors();
  EXPECT_EQ(log, "ready closed timeout");
}

TEST(Registration, IsAskedForByPlainThreadsAndActorsOfOtherSystems) {
  troupe::system sys({.workers = 1});
  troupe::system other({.workers = 1});
  in_actor(other, [&](context& self) {
    test::descriptor mine = test::make_eventfd(1);
    const auto id = watch(sys.reactor(0), mine, interest::readable, self.ref());
    EXPECT_TRUE(await_ready(self, id).readable);
    io::socket_id by_thread;
    std::thread([&] {
      test::descriptor its = test::make_eventfd(1);
      by_thread = watch(sys.reactor(0), its, interest::readable, self.ref());
    }).join();
    EXPECT_TRUE(await_ready(self, by_thread).readable);
    EXPECT_EQ(sys.reactor(0).statistics().sockets, 2U);
    EXPECT_EQ(other.reactor(0).statistics().requests, 0U);
  });
}

}  // namespace
}  // namespace troupe
