// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/waiting_call.hpp>

#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <stdexcept>
#include <utility>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope_ptr;
using troupe::detail::task;

constexpr std::uint32_t calls_between_yields = 16;  // arbitrary: some 50 us of system calls

/// Takes the wake-up back that nobody waits for any more.
class parked_wake {
 public:
  parked_wake(readiness& r, envelope_ptr wake) noexcept : readiness_(r), wake_(wake.release()) {}
  ~parked_wake() {
    if (wake_ != nullptr && readiness_.withdraw(*wake_)) troupe::detail::discard_envelope(*wake_);
  }
  parked_wake(const parked_wake&) = delete;
  parked_wake& operator=(const parked_wake&) = delete;

  /// It came.
  void arrived() noexcept { wake_ = nullptr; }

 private:
  readiness& readiness_;
  troupe::detail::envelope* wake_;
};

}  // namespace

task& begin_call(std::uint32_t& calls) {
  task& self = troupe::detail::waiting_task();
  if (self.control.has_news()) self.type.load_relaxed()->take_news(self);
  troupe::detail::throw_if_ending(self);
  if (++calls % calls_between_yields == 0) troupe::detail::yield_now();
  return self;
}

std::error_code await_ready(readiness& r, task& self, std::uint64_t deadline_ns) {
  const std::uint32_t id = self.next_request_id();
  envelope_ptr wake = troupe::detail::make_wake(self, id);
  wake->sender = &self;  // whom to post it to
  switch (r.park(*wake)) {
    case readiness::state::ready:
      return {};
    case readiness::state::waited_for:
      throw_waited_for();
    case readiness::state::idle:
      break;
  }
  parked_wake parked(r, std::move(wake));
  const envelope_ptr answer = troupe::detail::await_answer(self, id, deadline_ns);
  const std::error_code error = troupe::detail::failure_of(answer.get());
  if (!error) parked.arrived();
  return error;
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
