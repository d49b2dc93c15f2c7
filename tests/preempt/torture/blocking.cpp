// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace troupe::torture {

using std::chrono::steady_clock;

void socket(toiler& t) {
  if (!t.connection.is_open()) {
    t.connection = io::tcp_stream::connect("127.0.0.1", t.shared.echo_port);
  }
  const std::uint64_t key = t.number();
  std::vector<std::byte> said(1 + t.up_to(8'000));
  for (std::size_t i = 0; i < said.size(); ++i) said[i] = static_cast<std::byte>(mix(key + i));
  t.connection.write_all(std::span<const std::byte>(said));
  std::vector<std::byte> heard(said.size());
  t.connection.read_exactly(heard);
  check(said == heard, "an echo is wrong");
  if (t.one_in(200)) t.connection.close();
}

namespace {

class descriptor {
 public:
  explicit descriptor(int d) noexcept : d_(d) {}
  ~descriptor() { ::close(d_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return d_; }

 private:
  int d_;
};

/// A plain read(2), as any library may do it.
std::uint64_t read_number(int from) {
  std::uint64_t number = 0;
  ssize_t n = 0;
  while ((n = ::read(from, &number, sizeof number)) < 0 && errno == EINTR) {
  }
  check_call(n == sizeof number, "read from a pipe");
  return number;
}

}  // namespace

void pipe(toiler& t) {
  std::array<int, 2> ends{};
  check_call(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  const descriptor in(ends[0]);
  const descriptor out(ends[1]);
  const std::uint64_t number = t.number();
  // The partner, which may need this very worker, has to run before this goes on.
  t.shared.partners[t.up_to(t.shared.partners.size() - 1)].send(write_to{out.get(), number});
  check(read_number(in.get()) == number, "another number came through a pipe");
}

void block(toiler& t) {
  const std::chrono::microseconds wait(t.up_to(2'000));
  const auto begun = steady_clock::now();
  const std::uint64_t number = t.number();
  std::uint64_t result = number;
  switch (t.up_to(2)) {
    case 0:
      std::this_thread::sleep_for(wait);
      break;
    case 1:
      t.shared.left.fetch_add(1, std::memory_order_relaxed);
      result = blocking([&] {
        std::this_thread::sleep_for(wait);
        return number;
      });
      break;
    default:
      t.shared.left.fetch_add(1, std::memory_order_relaxed);
      try {
        blocking([&] {
          std::this_thread::sleep_for(wait);
          throw std::runtime_error("thrown within blocking()");
        });
        result = 0;
      } catch (const std::runtime_error&) {
      }
  }
  check(result == number, "blocking() gave another result");
  check(steady_clock::now() - begun >= wait, "a thread slept too short");
}

}  // namespace troupe::torture
