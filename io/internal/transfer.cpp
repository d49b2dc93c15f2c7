// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/transfer.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>

#include <algorithm>
#include <array>

namespace troupe::io::detail {
namespace {

using troupe::detail::now_ns;

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
  const outcome got = s.is_pipe ? read_pipe(s.descriptor, buffer) : receive_past_mark(s, buffer);
  if (got.would_block()) return got;
  if (!got.failed() && got.number != 0) note_movement(s);
  // Less than there was room for: that may have been all, and what comes from now on will be
  // reported. So the next call need not ask the kernel just to be refused.
  const bool drained = s.short_read_drains && !got.failed() && got.number != 0 &&
                       got.number < buffer.size() &&
                       !s.lasting_news.load_relaxed();  // published by clear(), [edge]
  if (!drained) s.input.set_ready();
  return got;
}

iovec entry(std::span<const std::byte> data) noexcept {
  return {const_cast<std::byte*>(data.data()), data.size()};  // only read from
}

/// What one buffer still has to send.
class one_buffer {
 public:
  explicit one_buffer(std::span<const std::byte> data) noexcept : rest_(data) {}
  bool empty() const noexcept { return rest_.empty(); }
  outcome send_to(const socket& s) const noexcept {
    if (!s.is_pipe) return send(s.descriptor, rest_);
    const iovec only = entry(rest_);
    return write_pipe(s.descriptor, std::span(&only, 1));
  }
  void sent(std::size_t bytes) noexcept { rest_ = rest_.subspan(bytes); }

 private:
  std::span<const std::byte> rest_;
};

/// What several buffers still have to send.
class many_buffers {
 public:
  explicit many_buffers(std::span<const std::span<const std::byte>> all) noexcept : rest_(all) {
    sent(0);
  }
  bool empty() const noexcept { return rest_.empty(); }
  outcome send_to(const socket& s) const noexcept {
    constexpr std::size_t most = 16;  // arbitrary: 256 bytes of stack
    std::array<iovec, most> entries;
    const std::size_t count = std::min(most, rest_.size());
    std::transform(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count),
                   entries.begin(), &entry);
    entries[0] = entry(rest_[0].subspan(offset_));
    const auto used = std::span<const iovec>(entries).first(count);
    return s.is_pipe ? write_pipe(s.descriptor, used) : send(s.descriptor, used);
  }
  void sent(std::size_t bytes) noexcept {
    offset_ += bytes;
    while (!rest_.empty() && offset_ >= rest_[0].size()) {  // also passes over empty ones
      offset_ -= rest_[0].size();
      rest_ = rest_.subspan(1);
    }
  }

 private:
  std::span<const std::span<const std::byte>> rest_;
  std::size_t offset_ = 0;  // into the first of them
};

template <class Data>
void send_rest(socket& s, troupe::detail::task& self, Data data, time_limit& limit,
               std::error_code& error) {
  while (!data.empty()) {
    const outcome sent = data.send_to(s);
    if (!sent.failed()) {
      note_movement(s);
      data.sent(sent.number);
      continue;
    }
    if (!sent.would_block()) {
      error = sent.code();
      return;
    }
    const auto state = s.output.clear();
    if (state == readiness::state::waited_for) throw_waited_for();
    if (state == readiness::state::ready) continue;  // reported since it was last cleared
    error = await_socket(s, s.output, self, limit);
    if (error) return;
    s.output.clear();  // used: the next refusal is newer
  }
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
  if (limit.is_over_before_receive()) {
    error = errc::timeout;
    return 0;
  }
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
    error = await_socket(s, s.input, self, limit);
    if (error) return 0;
  }
}

void send_all(socket& s, troupe::detail::task& self, std::span<const std::byte> data,
              time_limit& limit, std::error_code& error) {
  send_rest(s, self, one_buffer(data), limit, error);
}

void send_all(socket& s, troupe::detail::task& self,
              std::span<const std::span<const std::byte>> buffers, time_limit& limit,
              std::error_code& error) {
  send_rest(s, self, many_buffers(buffers), limit, error);
}

void note_movement(socket& s) noexcept {
  if (socket_limits* const limits = s.limits()) limits->note_movement();
}

std::error_code await_while_moving(const socket_limits& limits, readiness& r,
                                   troupe::detail::task& self, std::uint64_t deadline_ns) {
  const std::uint64_t began = now_ns();
  for (;;) {
    const std::uint64_t idle = limits.idle_deadline(began);
    const std::error_code error = await_ready(r, self, std::min(idle, deadline_ns));
    const bool has_moved = limits.idle_deadline(began) > idle;  // in the other direction
    if (error != errc::timeout || deadline_ns <= idle || !has_moved) return error;
  }
}

}  // namespace troupe::io::detail
