// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/clock.hpp>
#include <troupe/io/internal/edge_set.hpp>
#include <troupe/io/internal/socket.hpp>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

constexpr std::uint32_t watched_events =
    EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;  // EPOLLERR and EPOLLHUP always come

std::uint32_t events_of(interest wanted) noexcept {
  std::uint32_t events = EPOLLONESHOT;
  const auto bits = static_cast<unsigned>(wanted);
  if ((bits & static_cast<unsigned>(interest::readable)) != 0) events |= EPOLLIN | EPOLLRDHUP;
  if ((bits & static_cast<unsigned>(interest::writable)) != 0) events |= EPOLLOUT;
  return events;
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// An event carries the source's address, 48 bits, and the low bits of its life.
constexpr int life_shift = 48;

std::uint64_t tag_of(const event_source& s) noexcept {
  return reinterpret_cast<std::uintptr_t>(&s) | static_cast<std::uint64_t>(s.life.load_relaxed())
                                                    << life_shift;  // the caller's own
}

}  // namespace

edge_set::edge_set() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  constexpr const char* limits =
      "troupe: no descriptor for a worker's reactor (limits: RLIMIT_NOFILE, fs.file-max)";
  if (epoll_ == -1) throw_errno(limits);
  interrupter_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (interrupter_ == -1 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, interrupter_, &event) == -1) {
    const int error = errno;
    if (interrupter_ != -1) ::close(interrupter_);
    ::close(epoll_);
    errno = error;
    throw_errno(limits);
  }
}

edge_set::~edge_set() {
  ::close(interrupter_);
  ::close(epoll_);
}

[[gnu::noinline]] std::error_code edge_set::control(int operation, event_source& s,
                                                    std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag_of(s);
  if (::epoll_ctl(epoll_, operation, s.descriptor, &event) == 0) return {};
  return {errno, std::generic_category()};
}

std::error_code edge_set::add(event_source& s) noexcept {
  sources_.fetch_add_seq_cst(1);  // [add], [rarely]
  const std::error_code error = control(EPOLL_CTL_ADD, s, watched_events);
  if (error) sources_.fetch_sub_relaxed(1);  // [count]
  return error;
}

std::error_code edge_set::add_once(event_source& s, interest wanted) noexcept {
  sources_.fetch_add_seq_cst(1);  // [add], [rarely]
  const std::error_code error = control(EPOLL_CTL_ADD, s, events_of(wanted));
  if (error) sources_.fetch_sub_relaxed(1);  // [count]
  return error;
}

std::error_code edge_set::rearm(event_source& s, interest wanted) noexcept {
  return control(EPOLL_CTL_MOD, s, events_of(wanted));
}

void edge_set::remove(const event_source& s, bool still_open) noexcept {
  if (still_open) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, s.descriptor, nullptr);
  sources_.fetch_sub_relaxed(1);  // [count]
}

std::size_t edge_set::wait(std::uint64_t deadline_ns, std::size_t budget,
                           const std::function<void()>& awake) noexcept {
  epoll_event events[most_events];
  const int most = static_cast<int>(std::clamp<std::size_t>(budget, 1, most_events));
  const int count = wait_for(events, most, deadline_ns);
  if (awake) awake();
  if (count <= 0) return 0;  // a time-out; or EINTR: the caller looks around and comes again
  static_cast<void>(sources_.load_acquire());  // [add]
  if (rebalancer_ != nullptr) rebalancer_->begin_look(*this, troupe::detail::now_ns());
  std::size_t for_sources = 0;
  for (int i = 0; i < count; ++i) {
    if (events[i].data.u64 == 0) continue;  // the interrupter
    report(events[i].data.u64, events[i].events);
    ++for_sources;
  }
  return for_sources;
}

void edge_set::report(std::uint64_t tag, std::uint32_t events) noexcept {
  constexpr std::uint64_t address_bits = (std::uint64_t{1} << life_shift) - 1;
  auto* const s = reinterpret_cast<event_source*>(tag & address_bits);
  const auto life = static_cast<std::uint16_t>(tag >> life_shift);
  // Keeps events for an earlier life away. One that slips through, because the life ends right now,
  // is a needless report in the next one: readiness bears a second reporter.
  if (static_cast<std::uint16_t>(s->life.load_acquire()) != life) return;
  constexpr std::uint32_t lasting = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  s->report({.readable = (events & (EPOLLIN | lasting)) != 0,
             .writable = (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0,
             .error = (events & EPOLLERR) != 0,
             .lasting = (events & lasting) != 0});
  if (rebalancer_ != nullptr && s->may_move) rebalancer_->note(*this, static_cast<socket&>(*s));
}

int edge_set::wait_for(void* room, int most, std::uint64_t deadline_ns) noexcept {
  auto* const events = static_cast<epoll_event*>(room);
  if (deadline_ns == 0) return ::epoll_wait(epoll_, events, most, 0);
  if (deadline_ns == troupe::detail::never_ns) return ::epoll_wait(epoll_, events, most, -1);
  const std::uint64_t now = troupe::detail::now_ns();
  const std::uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
  if (!coarse_) {
    const timespec limit{static_cast<time_t>(left / 1'000'000'000),
                         static_cast<long>(left % 1'000'000'000)};
    const int count = ::epoll_pwait2(epoll_, events, most, &limit, nullptr);
    if (count != -1 || errno == EINTR) return count;
    coarse_ = true;  // ENOSYS; a filter of system calls may say EPERM
  }
  const std::uint64_t ms = (left + 999'999) / 1'000'000;  // rounded up: never early
  constexpr std::uint64_t most_ms = std::numeric_limits<int>::max();
  return ::epoll_wait(epoll_, events, most, static_cast<int>(std::min(ms, most_ms)));
}

void edge_set::interrupt() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(interrupter_, &one, sizeof one));  // fails never before 2^64 - 1 writes
}

bool edge_set::has_events() const noexcept {
  if (!watches()) return false;
  pollfd look{epoll_, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

}  // namespace troupe::io::detail
