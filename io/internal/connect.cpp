// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/connect.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/socket.hpp>
#include <troupe/io/internal/system_call.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace troupe::io::detail {
namespace {

using troupe::detail::now_ns;
using namespace std::chrono_literals;

/// RFC 8305, section 8: recommended.
constexpr std::chrono::nanoseconds attempt_delay = 250ms;
/// Arbitrary: a name may have thousands of addresses, a process has not as many descriptors.
constexpr std::size_t most_attempts = 16;

/// Attempts to connect, of which one is to win. The others' sockets are closed with it.
class race {
 public:
  race(std::span<const endpoint> addresses, troupe::detail::task& self, time_limit& limit) noexcept
      : rest_(addresses), self_(self), deadline_ns_(limit.deadline_ns()) {}

  socket_ptr run(std::error_code& error) {
    while (winner_ == nullptr && begin_or_wait()) {
    }
    error = winner_ != nullptr ? std::error_code{} : error_;
    return std::move(winner_);
  }

 private:
  /// False: all attempts have failed, or the time is over.
  bool begin_or_wait() {
    if (!rest_.empty() && attempts_.size() < most_attempts &&
        (attempts_.empty() || now_ns() >= next_ns_)) {
      begin_next();
      return true;
    }
    if (attempts_.empty()) return false;
    const std::error_code waited = wait();
    if (waited == errc::timeout && now_ns() < deadline_ns_) return true;  // for the next attempt
    if (waited) {
      error_ = waited;
      return false;
    }
    look();
    return true;
  }

  void begin_next() {
    const endpoint& to = rest_.front();
    rest_ = rest_.subspan(1);
    next_ns_ = troupe::detail::deadline_after(now_ns(), attempt_delay);
    std::error_code error;
    socket_ptr s = open_made(make_socket(to.data()->sa_family, SOCK_STREAM), error);
    if (error) return failed(error);
    s->short_read_drains = true;
    set_option(s->descriptor, IPPROTO_TCP, TCP_NODELAY, 1);  // fails never on a fresh TCP socket
    const outcome result = detail::connect(s->descriptor, to);
    if (result.error == EINPROGRESS) {
      error = s->watch(self_);
      if (error) return failed(error);
      attempts_.push_back(std::move(s));
    } else if (result.failed()) {
      failed(result.code());
    } else {
      win(std::move(s));
    }
  }

  /// Until an attempt has news, or the next one is due.
  std::error_code wait() {
    const bool more = !rest_.empty() && attempts_.size() < most_attempts;
    directions_.clear();
    for (const socket_ptr& s : attempts_) directions_.push_back(&s->output);
    return await_any_ready(directions_, self_,
                           more ? std::min(next_ns_, deadline_ns_) : deadline_ns_);
  }

  /// Asks those with news what became of them: it may have come for nothing.
  void look() {
    for (std::size_t i = 0; i < attempts_.size() && winner_ == nullptr;) {
      socket& s = *attempts_[i];
      const bool has_news = s.output.clear() == readiness::state::ready;
      const outcome result = has_news ? connected(s.descriptor) : outcome{0, EINPROGRESS};
      if (result.error == EINPROGRESS) {
        ++i;
        continue;
      }
      socket_ptr ended = std::move(attempts_[i]);
      attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
      if (result.failed()) {
        failed(result.code());
      } else {
        win(std::move(ended));
      }
    }
  }

  /// The next attempt begins at once.
  void failed(std::error_code error) noexcept {
    error_ = error;
    next_ns_ = 0;
  }
  void win(socket_ptr s) noexcept {
    s->output.set_ready();
    winner_ = std::move(s);
  }

  std::span<const endpoint> rest_;  // not begun yet
  troupe::detail::task& self_;
  const std::uint64_t deadline_ns_;
  std::uint64_t next_ns_ = 0;  // when another attempt may begin beside those under way
  std::vector<socket_ptr> attempts_;
  std::vector<readiness*> directions_;  // of attempts_; kept for its memory
  socket_ptr winner_;
  std::error_code error_ = std::make_error_code(std::errc::address_not_available);
};

}  // namespace

void take_turns_by_family(std::vector<endpoint>& addresses) {
  if (addresses.empty()) return;
  const bool first_is_v6 = addresses.front().address().is_v6();
  const auto others = std::stable_partition(
      addresses.begin(), addresses.end(),
      [&](const endpoint& each) { return each.address().is_v6() == first_is_v6; });
  std::vector<endpoint> mixed;
  mixed.reserve(addresses.size());
  for (auto first = addresses.begin(), other = others;
       first != others || other != addresses.end();) {
    if (first != others) mixed.push_back(*first++);
    if (other != addresses.end()) mixed.push_back(*other++);
  }
  addresses = std::move(mixed);
}

socket_ptr connect_to_any(std::span<const endpoint> addresses, troupe::detail::task& self,
                          time_limit& limit, std::error_code& error) {
  return race(addresses, self, limit).run(error);
}

}  // namespace troupe::io::detail
