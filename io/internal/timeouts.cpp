// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/timeouts.hpp>

#include <troupe/io/internal/notice.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

#include <exception>
#include <utility>

namespace troupe::io::detail {

using troupe::detail::envelope;

namespace {

envelope* next_of(const envelope& e) noexcept {
  return static_cast<envelope*>(e.next.load_relaxed());  // private list: the reactor's
}

}  // namespace

timeouts::~timeouts() {
  while (starved_ != nullptr) {
    troupe::detail::release_envelope(*std::exchange(starved_, next_of(*starved_)));
  }
}

void timeouts::set(envelope& e) noexcept {
  auto& request = e.as<timeout_request>();
  cancel(request.answer.id);
  if (!is_wanted(e)) {
    troupe::detail::release_envelope(e);  // its payload is trivial
    return;
  }
  request.home = this;
  request.parcel = &e;
  request.of_owner.owner = owner_key(e.sender->number, e.target_generation);
  pending_.insert(request);
  owners_.insert(request);
  count_pending();
  if (try_arm(e)) return;
  e.next.store_relaxed(starved_);  // private list: ours
  starved_ = &e;
}

/// False: memory has run out.
bool timeouts::try_arm(envelope& e) noexcept {
  auto& request = e.as<timeout_request>();
  try {
    request.timer = troupe::detail::arm_timer(*troupe::detail::current_scheduler(),
                                              request.deadline_ns, *e.sender, e, &fire);
  } catch (const std::exception&) {  // a system_error, or no memory for its text
    return false;
  }
  return true;
}

void timeouts::feed() noexcept {
  while (starved_ != nullptr) {
    envelope* const rest = next_of(*starved_);  // an armed envelope is the timer's
    if (!try_arm(*starved_)) return;
    starved_ = rest;
  }
}

bool timeouts::cancel(timeout_id id) noexcept {
  timeout_request* const request = pending_.find(id.number());
  if (request == nullptr) return false;
  cancel(*request);
  return true;
}

std::size_t timeouts::cancel_those_of(std::uint64_t owner, std::size_t most) noexcept {
  std::size_t cancelled = 0;
  for (; cancelled < most; ++cancelled) {
    timeout_request* const request = owners_.find(owner);
    if (request == nullptr) break;
    cancel(*request);
  }
  return cancelled;
}

void timeouts::cancel_orphans() noexcept {
  pending_.for_each([this](timeout_request& request) {
    if (!is_wanted(*request.parcel)) cancel(request);
  });
}

void timeouts::cancel(timeout_request& t) noexcept {
  forget(t);
  const troupe::detail::timer_ref timer = t.timer;
  if (timer.entry == nullptr) {
    troupe::detail::release_envelope(take_starved(t));
  } else {
    // Exact, because timers fire on this thread: what is pending is armed.
    static_cast<void>(troupe::detail::cancel_timer(timer));  // the payload is trivial
  }
}

/// Looks at all that are starved: there are few, and seldom any.
envelope& timeouts::take_starved(const timeout_request& t) noexcept {
  envelope* const e = t.parcel;
  if (starved_ == e) {
    starved_ = next_of(*e);
    return *e;
  }
  envelope* before = starved_;
  while (next_of(*before) != e) before = next_of(*before);
  before->next.store_relaxed(next_of(*e));  // private list: ours
  return *e;
}

void timeouts::forget(timeout_request& t) noexcept {
  pending_.remove(t);
  owners_.remove(t);
  count_pending();
}

void timeouts::fire(troupe::detail::task&, envelope& e) noexcept {
  auto& request = e.as<timeout_request>();
  request.home->forget(request);
  e.type = &troupe::detail::message_type_of<timeout>;
  e.kind = troupe::detail::envelope_kind::notice;
  static_cast<void>(post_notice(e));
}

}  // namespace troupe::io::detail
