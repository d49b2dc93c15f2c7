// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/partner.hpp>

#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>

#include <unistd.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace troupe::torture {

std::uint64_t partner::on(question q) {
  if (q.laborious) labor(20'000);
  return answer_to(q.n);
}

void partner::on(write_to w) {
  const auto written = ::write(w.descriptor, &w.number, sizeof w.number);
  check_call(written == sizeof w.number, "write to a pipe");
}

namespace {

void echo_connection(context&, io::tcp_stream stream) {
  std::array<std::byte, 4096> buffer{};
  while (const std::size_t n = stream.read(buffer)) {
    stream.write_all(std::span<const std::byte>(buffer).first(n));
  }
}

}  // namespace

void echo(context& self, io::tcp_listener listener) {
  for (;;) self.spawn(spawn_options{.name = "echo"}, echo_connection, listener.accept());
}

}  // namespace troupe::torture
