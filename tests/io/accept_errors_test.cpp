// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// What accepts where the process may not, or has no memory.
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <io/in_actor.hpp>
#include <io/peer.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

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

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Lets the process map no more than it has now.
void leave_no_address_space() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
  const rlimit both{limit, limit};
  if (::setrlimit(RLIMIT_AS, &both) != 0) std::abort();
}

/// Makes sockets until one cannot be had.
std::error_code use_up_sockets(std::vector<std::pair<io::local_stream, io::local_stream>>& used) {
  try {
    while (used.size() < used.capacity()) used.push_back(io::local_stream::make_pair());
    return {};
  } catch (const std::system_error& e) {
    return e.code();
  }
}

[[noreturn]] void accept_without_memory() {
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  std::vector<test::peer> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(test::peer::connect_to(listener.local_endpoint().port()));
  }
  std::vector<std::pair<io::local_stream, io::local_stream>> used;
  used.reserve(100'000);
  raise_descriptor_limit();
  leave_no_address_space();
  if (use_up_sockets(used) == std::errc::too_many_files_open) {
    std::fputs("the limit of open files is reached before memory runs out", stderr);
    std::_Exit(0);
  }
  std::vector<io::tcp_stream> accepted(clients.size());  // the first one may find the last slot
  std::error_code error;
  for (std::size_t i = 0; i < accepted.size() && !error; ++i) {
    accepted[i] = listener.try_accept(error);
  }
  std::fputs(error.message().c_str(), stderr);
  std::_Exit(error == std::errc::not_enough_memory ? 0 : 1);
}

TEST(ListenerDeathTest, ReportsThatThereIsNoMemoryForAConnection) {
  if (test::slowdown > 1) GTEST_SKIP() << "a sanitizer needs address space of its own";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(accept_without_memory(), testing::ExitedWithCode(0), "memory");
}

}  // namespace
}  // namespace troupe
