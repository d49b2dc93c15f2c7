// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/timeouts.hpp>

#include <troupe/io/internal/notice.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

namespace troupe::io::detail {

using troupe::detail::envelope;

void timeouts::set(envelope& e) noexcept {
  auto& request = e.as<timeout_request>();
  cancel(request.answer.id);
  request.home = this;
  request.timer = troupe::detail::arm_timer(*troupe::detail::current_scheduler(),
                                            request.deadline_ns, *e.sender, e, &fire);
  pending_.insert(request);
  counts_.timeouts.store_relaxed(pending_.size());  // [count]
}

bool timeouts::cancel(timeout_id id) noexcept {
  timeout_request* const request = pending_.find(id.number());
  if (request == nullptr) return false;
  const troupe::detail::timer_ref timer = request->timer;
  forget(*request);
  // Exact, because timers fire on this thread: what is pending is armed.
  static_cast<void>(troupe::detail::cancel_timer(timer));  // the payload is trivial
  return true;
}

void timeouts::forget(timeout_request& t) noexcept {
  pending_.remove(t);
  counts_.timeouts.store_relaxed(pending_.size());  // [count]
}

void timeouts::fire(troupe::detail::task&, envelope& e) noexcept {
  auto& request = e.as<timeout_request>();
  request.home->forget(request);
  e.type = &troupe::detail::message_type_of<timeout>;
  e.kind = troupe::detail::envelope_kind::notice;
  static_cast<void>(post_notice(e));
}

}  // namespace troupe::io::detail
