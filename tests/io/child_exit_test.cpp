// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/effort.hpp>
#include <support/eventually.hpp>
#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <string>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe {
namespace {

using io::child_exited;
using test::in_actor;

/// A shell that runs `script`.
pid_t start(const char* script) {
  std::array<char*, 4> arguments{const_cast<char*>("sh"), const_cast<char*>("-c"),
                                 const_cast<char*>(script), nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments.data(), environ), 0);
  return child;
}

child_exited next_exit(context& self) {
  child_exited news{};
  self.receive([&](child_exited e) { news = e; });
  return news;
}

TEST(ChildExit, TellsTheExitCode) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    const pid_t child = start("exit 7");
    io::notify_child_exit(self, child);
    const child_exited news = next_exit(self);
    EXPECT_EQ(news.pid, child);
    EXPECT_EQ(news.exit_code, 7);
    EXPECT_EQ(news.signal, 0);
    EXPECT_EQ(news.error, 0);
    EXPECT_FALSE(news.succeeded());
    EXPECT_EQ(::waitpid(child, nullptr, 0), -1);  // it has been waited for
  });
}

TEST(ChildExit, TellsTheSignal) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    const pid_t child = start("exec sleep 3600");
    io::notify_child_exit(self, child);
    ::kill(child, SIGTERM);
    const child_exited news = next_exit(self);
    EXPECT_EQ(news.exit_code, -1);
    EXPECT_EQ(news.signal, SIGTERM);
    EXPECT_FALSE(news.succeeded());
  });
}

// Here the kernel itself has, since nobody wants to hear of children.
TEST(ChildExit, SaysWhenSomebodyElseHasWaitedForIt) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    const pid_t child = start("exec sleep 3600");
    io::notify_child_exit(self, child);
    std::signal(SIGCHLD, SIG_IGN);
    ::kill(child, SIGKILL);
    const child_exited news = next_exit(self);
    std::signal(SIGCHLD, SIG_DFL);
    EXPECT_EQ(news.pid, child);
    EXPECT_EQ(news.exit_code, -1);
    EXPECT_EQ(news.signal, 0);
    EXPECT_EQ(news.error, ECHILD);
    EXPECT_FALSE(news.succeeded());
  });
}

TEST(ChildExit, OfManyThatEndedBeforeOrLater) {
  constexpr int children = 20;
  const std::size_t open_before = test::open_descriptors();
  {
    troupe::system sys({.workers = 2});
    in_actor(sys, [&](context& self) {
      std::map<pid_t, int> codes;
      for (int i = 0; i < children; ++i) {
        const pid_t child = start(("exit " + std::to_string(i)).c_str());
        codes[child] = i;
        siginfo_t ended{};
        if (i % 2 == 0) ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
        io::notify_child_exit(self, child);
      }
      for (int i = 0; i < children; ++i) {
        const child_exited news = next_exit(self);
        EXPECT_EQ(codes.at(news.pid), news.exit_code);
        codes.erase(news.pid);
      }
    });
  }
  EXPECT_TRUE(test::eventually([&] { return test::open_descriptors() <= open_before; }));
}

TEST(ChildExit, IsReapedWhenTheActorHasEnded) {
  troupe::system sys({.workers = 1});
  pid_t child = 0;
  in_actor(sys, [&](context& self) {
    child = start("exec sleep 3600");
    io::notify_child_exit(self, child);
  });
  ::kill(child, SIGKILL);
  EXPECT_TRUE(test::eventually([&] { return ::kill(child, 0) == -1; }));
}

TEST(ChildExit, OfStrangersIsRefused) {
  troupe::system sys({.workers = 1});
  in_actor(sys, [](context& self) {
    for (const pid_t stranger : {pid_t{1}, ::getpid(), pid_t{-5}, pid_t{0}}) {
      try {
        io::notify_child_exit(self, stranger);
        ADD_FAILURE() << stranger;
      } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), std::errc::no_child_process);
        EXPECT_EQ(std::string(e.what()), "troupe: notify_child_exit of process " +
                                             std::to_string(stranger) + ": No child processes");
      }
    }
  });
}

}  // namespace
}  // namespace troupe
