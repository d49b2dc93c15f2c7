// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/descriptors.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

namespace troupe {
namespace {

using io::interest;
using test::await_closed;
using test::await_ready;
using test::in_actor;
using test::watch;

/// What epoll takes, and what makes it readable.
struct kind {
  const char* name;
  std::function<test::descriptor()> make;
};

test::descriptor make_ended_child() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  return test::descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
}

test::descriptor make_timer() {
  test::descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const itimerspec in_1ms{{0, 0}, {0, 1'000'000}};
  ::timerfd_settime(timer.get(), 0, &in_1ms, nullptr);
  return timer;
}

test::descriptor make_pipe() {
  int both[2];
  if (::pipe2(both, O_NONBLOCK | O_CLOEXEC) == -1) return test::descriptor(-1);
  test::write_byte(both[1]);
  ::close(both[1]);
  return test::descriptor(both[0]);
}

test::descriptor make_inotify() {
  test::descriptor watcher(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ::inotify_add_watch(watcher.get(), "/tmp", IN_CREATE);
  char name[] = "/tmp/troupe-inotify-XXXXXX";
  ::close(::mkstemp(name));
  ::unlink(name);
  return watcher;
}

TEST(Registration, TakesWhateverEpollTakes) {
  const kind kinds[] = {{"eventfd", [] { return test::make_eventfd(1); }},
                        {"pidfd", &make_ended_child},
                        {"timerfd", &make_timer},
                        {"pipe", &make_pipe},
                        {"inotify", &make_inotify}};
  troupe::system sys({.workers = 2});
  for (const kind& each : kinds) {
    SCOPED_TRACE(each.name);
    in_actor(sys, [&](context& self) {
      const io::reactor_ref reactor = self.reactor();
      test::descriptor d = each.make();
      const auto id = watch(reactor, d, interest::readable, self.ref());
      EXPECT_TRUE(await_ready(self, id).readable);
      reactor.send(io::close_socket{id});
      EXPECT_EQ(await_closed(self, id), std::error_code());
    });
  }
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

}  // namespace
}  // namespace troupe
