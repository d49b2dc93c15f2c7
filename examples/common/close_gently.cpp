// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/close_gently.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <system_error>

namespace examples {

void close_gently(troupe::io::tcp_stream stream, std::chrono::nanoseconds most) {
  using clock = std::chrono::steady_clock;
  constexpr std::size_t most_bytes = std::size_t{256} * 1024;
  const auto deadline = clock::now() + most;
  std::error_code error;
  stream.shutdown(error);
  std::array<std::byte, 4096> ignored;
  for (std::size_t total = 0; total < most_bytes && !error;) {
    stream.read_timeout(std::max<clock::duration>(deadline - clock::now(), clock::duration(1)));
    const auto count = stream.read(ignored, error);
    if (count == 0) return;
    total += count;
  }
}

}  // namespace examples
