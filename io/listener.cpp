// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/listener.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <algorithm>
#include <chrono>

namespace troupe::io {
namespace {

using detail::outcome;
using detail::readiness;
using detail::socket;
using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds first_pause =
    5ms;  // arbitrary: long for a core, short for a person
constexpr std::chrono::nanoseconds longest_pause = 200ms;

/// Connections that fail one after the other before their error is taken for the listener's own: a
/// filter that forbids accept(2) answers EPERM as well, and always. More than a backlog has.
constexpr int most_failed = 10'000;

/// The error is one of a connection that the peer or the network has given up already: see
/// accept(2).
bool concerns_one_connection(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case EPERM:  // a firewall's
    case ENETDOWN:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
      return true;
    default:
      return false;
  }
}

bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/// Accepts once, after clear().
outcome accept_once(socket& s) noexcept {
  const outcome got = detail::accept(s.descriptor);
  if (!got.would_block()) s.input.set_ready();  // there may be more
  return got;
}

/// The descriptor of the next connection.
outcome await_connection(socket& s, troupe::detail::task& self, std::error_code& error) {
  std::chrono::nanoseconds pause = first_pause;
  for (int failed = 0;;) {
    const auto state = s.input.clear();
    if (state == readiness::state::waited_for) detail::throw_waited_for();
    if (state == readiness::state::ready) {
      const outcome got = accept_once(s);
      if (is_shortage(got.error)) {
        troupe::detail::sleep_until(
            troupe::detail::deadline_after(troupe::detail::now_ns(), pause));
        pause = std::min(2 * pause, longest_pause);
        continue;
      }
      if (concerns_one_connection(got.error) && ++failed <= most_failed) {
        detail::begin_call();
        continue;
      }
      if (!got.would_block()) return got;
    }
    error = s.watch(self);
    if (!error) error = detail::await_ready(s.input, self, troupe::detail::never_ns);
    if (error) return {};
    failed = 0;
  }
}

/// What comes of an accept() on `from`.
detail::socket_ptr open_connection(const socket& from, const outcome& accepted, std::uint32_t turn,
                                   std::error_code& error) noexcept {
  // On a plain thread: whichever worker it waits on first.
  troupe::detail::scheduler* const home = troupe::detail::current_scheduler();
  const bool is_placed = turn != socket::any_turn;  // listen_options::worker
  if (!is_placed && home != nullptr) turn = home->next_worker().index();
  detail::socket_ptr made = detail::open_made(accepted, error, turn);
  if (made != nullptr) {
    made->short_read_drains = from.short_read_drains;
    if (is_placed) made->place();
  }
  return made;
}

}  // namespace

detail::socket_ptr listener::accept_socket(std::error_code& error) {
  static_assert(in_turn == socket::any_turn);
  troupe::detail::task* const self = detail::begin_call(socket_, error);
  if (self == nullptr) return nullptr;
  const outcome got = await_connection(*socket_, *self, error);
  return error ? nullptr : open_connection(*socket_, got, turn_, error);
}

detail::socket_ptr listener::try_accept_socket(std::error_code& error) {
  if (socket_ == nullptr) {
    error = detail::not_open();
    return nullptr;
  }
  for (int failed = 0;; ++failed) {
    socket_->input.clear();  // what comes from here on is reported again
    const outcome got = accept_once(*socket_);
    if (concerns_one_connection(got.error) && failed < most_failed) continue;
    if (!got.would_block()) return open_connection(*socket_, got, turn_, error);
    error = std::make_error_code(std::errc::operation_would_block);
    return nullptr;
  }
}

}  // namespace troupe::io
