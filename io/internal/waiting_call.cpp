// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/waiting_call.hpp>

#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <deque>
#include <stdexcept>
#include <utility>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope_ptr;
using troupe::detail::task;

/// A wake-up that waits in a readiness; taken back when nobody waits for it any more.
class parked_wake {
 public:
  /// An envelope that answers the request `id` of `self`.
  parked_wake(readiness& r, task& self, std::uint32_t id) : readiness_(r) {
    envelope_ptr wake = troupe::detail::make_wake(self, id);
    wake->sender = &self;  // whom to post it to
    switch (r.park(*wake)) {
      case readiness::state::ready:
        return;
      case readiness::state::waited_for:
        throw_waited_for();
      case readiness::state::idle:
        wake_ = wake.release();
    }
  }
  ~parked_wake() {
    if (wake_ != nullptr && readiness_.withdraw(*wake_)) troupe::detail::discard_envelope(*wake_);
  }
  parked_wake(const parked_wake&) = delete;
  parked_wake& operator=(const parked_wake&) = delete;

  /// Whether there is something to wait for.
  bool is_parked() const noexcept { return wake_ != nullptr; }
  /// It came.
  void arrived() noexcept { wake_ = nullptr; }

 private:
  readiness& readiness_;
  troupe::detail::envelope* wake_ = nullptr;
};

}  // namespace

std::error_code await_ready(readiness& r, task& self, std::uint64_t deadline_ns, bool unbreakable) {
  const std::uint32_t id = self.next_request_id();
  parked_wake parked(r, self, id);
  if (!parked.is_parked()) return {};
  const envelope_ptr answer = troupe::detail::await_answer(self, id, deadline_ns, unbreakable);
  const std::error_code error = troupe::detail::failure_of(answer.get());
  if (!error) parked.arrived();
  return error;
}

std::error_code await_any_ready(std::span<readiness* const> all, task& self,
                                std::uint64_t deadline_ns) {
  // Each wake-up answers the same request. The second one to come finds it answered, and is
  // discarded; that is also why all of them are withdrawn here, which tells which have been posted.
  const std::uint32_t id = self.next_request_id();
  std::deque<parked_wake> parked;
  for (readiness* const r : all) {
    if (!parked.emplace_back(*r, self, id).is_parked()) return {};
  }
  const envelope_ptr answer = troupe::detail::await_answer(self, id, deadline_ns);
  return troupe::detail::failure_of(answer.get());
}

void end_wait(readiness& r) noexcept {
  troupe::detail::envelope* const wake = r.report();
  if (wake == nullptr) return;
  task& waiter = *std::exchange(wake->sender, nullptr);
  troupe::detail::post_control(waiter, *wake);
  r.posted();
}

void throw_waited_for() {
  throw std::logic_error(
      "troupe: another actor waits in this socket already (a stream has one reader and one "
      "writer)");
}

void throw_if(const std::error_code& error, const char* what) {
  if (error) throw std::system_error(error, what);
}

}  // namespace troupe::io::detail
