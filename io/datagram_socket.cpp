// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/datagram_socket.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/transfer.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <algorithm>

namespace troupe::io {

namespace {

using detail::time_limit;
using namespace std::chrono_literals;

/// Whether readiness says nothing about room for a datagram: at a Unix domain socket to which the
/// sender is not connected. The kernel does not tell when there is room; worse, each refused send
/// makes it report the sender as writable.
bool must_ask(const detail::address_ref* to) noexcept {
  return to != nullptr && to->data->sa_family == AF_UNIX;
}

/// Until it is worth asking again; errc::timeout after the limit.
std::error_code pause_within(time_limit& limit) {
  constexpr std::chrono::nanoseconds pause = 2ms;  // arbitrary
  const std::uint64_t deadline = limit.deadline_ns();
  const std::uint64_t now = troupe::detail::now_ns();
  if (now >= deadline) return errc::timeout;
  troupe::detail::sleep_until(std::min(deadline, troupe::detail::deadline_after(now, pause)));
  return {};
}

}  // namespace

using detail::begin_call;
using detail::outcome;
using detail::readiness;
using detail::require_open;
using detail::socket;
using troupe::detail::task;

void datagram_socket::send(std::span<const std::byte> data, std::error_code& error) {
  send_to(data, nullptr, error);
}

void datagram_socket::send(std::span<const std::byte> data) {
  std::error_code error;
  send(data, error);
  detail::throw_if(error, "troupe: datagram_socket::send");
}

void datagram_socket::read_timeout(std::optional<time_span> limit) {
  require_open(socket_, "troupe: datagram_socket::read_timeout").make_limits().read =
      limit.value_or(detail::no_limit);
}

void datagram_socket::write_timeout(std::optional<time_span> limit) {
  require_open(socket_, "troupe: datagram_socket::write_timeout").make_limits().write =
      limit.value_or(detail::no_limit);
}

std::size_t datagram_socket::receive(std::span<std::byte> buffer, detail::datagram_news& news,
                                     std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return 0;
  time_limit limit(socket_->read_limit());
  for (;;) {
    const auto state = socket_->input.clear();
    if (state == readiness::state::waited_for) detail::throw_waited_for();
    if (state == readiness::state::ready) {
      const outcome got = detail::receive_datagram(socket_->descriptor, buffer, news);
      if (!got.would_block()) {
        socket_->input.set_ready();  // there may be more
        error = got.code();
        return got.number;
      }
    }
    error = detail::await_socket(*socket_, socket_->input, *self, limit);
    if (error) return 0;
  }
}

std::size_t datagram_socket::try_receive(std::span<std::byte> buffer, detail::datagram_news& news,
                                         std::error_code& error) {
  if (socket_ == nullptr) {
    error = detail::not_open();
    return 0;
  }
  socket_->input.clear();  // what comes from here on is reported again
  const outcome got = detail::receive_datagram(socket_->descriptor, buffer, news);
  if (!got.would_block()) socket_->input.set_ready();
  error = got.would_block() ? std::make_error_code(std::errc::operation_would_block) : got.code();
  return got.number;
}

void datagram_socket::send_to(std::span<const std::byte> data, const detail::address_ref* to,
                              std::error_code& error) {
  task* const self = begin_call(socket_, error);
  if (self == nullptr) return;
  time_limit limit(socket_->write_limit());
  for (;;) {
    const outcome sent = detail::send_datagram(socket_->descriptor, data, to);
    if (!sent.would_block()) {
      error = sent.code();
      return;
    }
    if (must_ask(to)) {
      error = pause_within(limit);
      if (error) return;
      continue;
    }
    const auto state = socket_->output.clear();
    if (state == readiness::state::waited_for) detail::throw_waited_for();
    if (state == readiness::state::ready) continue;  // reported since it was last cleared
    error = detail::await_socket(*socket_, socket_->output, *self, limit);
    if (error) return;
    socket_->output.clear();  // used: the next refusal is newer
  }
}

}  // namespace troupe::io
