// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// accept(2) fails for ever: a filter of system calls forbids it.
#include <troupe/base/sanitizer.hpp>
#include <troupe/troupe.hpp>

#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <system_error>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

namespace troupe {
namespace {

/// From now on, for this thread and those it starts.
void forbid_accept() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_accept4, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(steps)), steps};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::perror("seccomp");
    std::abort();
  }
}

[[noreturn]] void accept_what_is_forbidden() {
  forbid_accept();
  std::error_code tried;
  std::error_code waited;
  {
    troupe::system sys({.workers = 1});
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const auto client = test::peer::connect_to(listener.local_endpoint().port());
    static_cast<void>(listener.try_accept(tried));
    test::in_actor(sys, [&](context&) { static_cast<void>(listener.accept(waited)); });
  }
  const bool reported =
      tried == std::errc::operation_not_permitted && waited == std::errc::operation_not_permitted;
  std::fprintf(stderr, "%s, %s\n", tried.message().c_str(), waited.message().c_str());
  std::exit(reported ? 0 : 1);
}

TEST(ListenerDeathTest, ReportsAnErrorThatConcernsMoreThanAConnection) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(accept_what_is_forbidden(), testing::ExitedWithCode(0), "not permitted");
}

}  // namespace
}  // namespace troupe
