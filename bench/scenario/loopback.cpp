// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/scenario/loopback.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace troupe::bench {
namespace {

void check(int outcome, const std::string& what) {
  if (outcome < 0) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

descriptor connect_to_port(std::uint16_t port, std::uint8_t source) {
  descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  check(made.number(), "socket");
  const int on = 1;
  check(::setsockopt(made.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (source != 1) {
    // The kernel chooses the port when it knows both ends, among those free for these two.
    check(::setsockopt(made.number(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on),
          "IP_BIND_ADDRESS_NO_PORT");
    address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00U) | source);
    check(::bind(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
          "bind to 127.0.0." + std::to_string(source));
  }
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "connect to port " + std::to_string(port));
  return made;
}

void allow_descriptors(std::uint64_t count) {
  rlimit limit{};
  check(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  if (limit.rlim_cur >= count) return;
  if (limit.rlim_max < count) {
    throw std::runtime_error("needs " + std::to_string(count) +
                             " descriptors, the hard limit (ulimit -Hn) is " +
                             std::to_string(limit.rlim_max));
  }
  limit.rlim_cur = count;
  check(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace troupe::bench
