// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

namespace troupe::torture {

void fork_and_exec(toiler&) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/true", "true", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  check_call(child > 0, "fork");
  int status = 0;
  pid_t waited = 0;
  while ((waited = ::waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  check_call(waited == child, "waitpid");
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "/bin/true says no");
}

void lookup(toiler& t) {
  addrinfo hints{};
  hints.ai_family = t.one_in(2) ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo("localhost", "80", &hints, &list);
  if (error != 0) throw wrong_answer(std::string("getaddrinfo: ") + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
  check(list != nullptr, "localhost has no address");
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    if (a->ai_family == AF_INET) {
      const auto* const v4 = reinterpret_cast<const sockaddr_in*>(a->ai_addr);
      check(ntohl(v4->sin_addr.s_addr) >> 24U == 127, "localhost is not local");
    } else {
      const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(a->ai_addr);
      check(IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) != 0, "localhost is not local");
    }
  }
}

}  // namespace troupe::torture
