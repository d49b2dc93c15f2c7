// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/transfer.hpp>

namespace troupe::io::detail {
namespace {

constexpr outcome nothing_there{0, EAGAIN};

/// Linux refuses to read at the mark of urgent data while a signal is pending, such as the one that
/// preempts, although there are bytes behind the mark (tcp_recvmsg, 6.x); and then no event will
/// ever tell of them.
outcome receive_past_mark(socket& s, std::span<std::byte> buffer) noexcept {
  constexpr int most_tries = 100;  // arbitrary: no signal comes so often
  outcome got = receive(s.descriptor, buffer);
  for (int tries = 0; tries < most_tries && got.would_block() && s.lasting_news.load_relaxed() &&
                      is_readable(s.descriptor);  // published by clear(), [edge]
       ++tries) {
    got = receive(s.descriptor, buffer);
  }
  return got;
}

/// Reads once, after clear().
outcome receive_once(socket& s, std::span<std::byte> buffer) noexcept {
  const outcome got = receive_past_mark(s, buffer);
  if (got.would_block()) return got;
  // Less than there was room for: that was all, and what comes from now on will be reported. So the
  // next call need not ask the kernel just to be refused.
  const bool drained = !got.failed() && got.number != 0 && got.number < buffer.size() &&
                       !s.lasting_news.load_relaxed();  // published by clear(), [edge]
  if (!drained) s.input.set_ready();
  return got;
}

}  // namespace

outcome try_receive(socket& s, std::span<std::byte> buffer) noexcept {
  if (buffer.empty()) return {};
  const bool reported = s.input.clear() == readiness::state::ready;
  return reported || !s.is_watched() ? receive_once(s, buffer) : nothing_there;
}

std::size_t receive_some(socket& s, troupe::detail::task& self, std::span<std::byte> buffer,
                         time_limit& limit, std::error_code& error) {
  if (buffer.empty()) return 0;
  for (;;) {
    const auto state = s.input.clear();
    if (state == readiness::state::waited_for) throw_waited_for();
    if (state == readiness::state::ready) {
      const outcome got = receive_once(s, buffer);
      if (!got.would_block()) {
        error = got.code();
        return got.number;
      }
    }
    error = s.watch(self);
    if (!error) error = await_ready(s.input, self, limit.deadline_ns());
    if (error) return 0;
  }
}

void send_all(socket& s, troupe::detail::task& self, std::span<const std::byte> data,
              time_limit& limit, std::error_code& error) {
  while (!data.empty()) {
    const outcome sent = send(s.descriptor, data);
    if (!sent.failed()) {
      data = data.subspan(sent.number);
      continue;
    }
    if (!sent.would_block()) {
      error = sent.code();
      return;
    }
    const auto state = s.output.clear();
    if (state == readiness::state::waited_for) throw_waited_for();
    if (state == readiness::state::ready) continue;  // reported since it was last cleared
    error = s.watch(self);
    if (!error) error = await_ready(s.output, self, limit.deadline_ns());
    if (error) return;
    s.output.clear();  // used: the next refusal is newer
  }
}

}  // namespace troupe::io::detail
