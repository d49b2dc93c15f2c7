// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/refusal.hpp>

#include <examples/common/close_gently.hpp>

#include <chrono>
#include <system_error>
#include <utility>

namespace examples {

using namespace std::chrono_literals;

void refusal::turn_away(troupe::context& self, troupe::io::tcp_stream stream) const {
  if (text_.empty()) return;
  // A new connection's kernel buffer has room for a line: this does not wait.
  std::error_code error;
  stream.write_timeout(1s);
  stream.write_all(text_, error);
  if (error) return;
  auto slot = closing_.take();
  if (!slot) return;
  self.spawn(
      troupe::spawn_options{.name = "turned away"},
      [](troupe::context& /*self*/, troupe::io::tcp_stream from, const connection_slot& /*slot*/) {
        close_gently(std::move(from), 1s);
      },
      std::move(stream), std::move(slot));
}

}  // namespace examples
