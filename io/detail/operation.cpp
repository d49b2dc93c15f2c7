// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/detail/operation.hpp>

#include <troupe/base/error.hpp>
#include <troupe/io/internal/readiness.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <chrono>
#include <system_error>
#include <thread>

namespace troupe::io::detail {

/// What the behavior waits for: ready when all parts are over.
class wake_up {
 public:
  wake_up() : self_(begin_call()) { troupe::detail::refuse_nested(self_); }

  void end_wait() noexcept { detail::end_wait(over_); }

  /// errc::timeout when the deadline passes first. Throws actor_exit.
  std::error_code await(std::uint64_t deadline_ns) {
    std::error_code error;
    while (!error && !is_over()) error = await_ready(over_, self_, deadline_ns);
    return error;
  }
  /// Throws when there is no memory to wait with.
  void await_unbroken() {
    while (!is_over()) {
      static_cast<void>(await_ready(over_, self_, troupe::detail::never_ns, /*unbreakable=*/true));
    }
  }

 private:
  bool is_over() noexcept { return over_.clear() == readiness::state::ready; }

  readiness over_;
  troupe::detail::task& self_;
};

operation::operation(std::uint64_t deadline_ns)
    : wake_up_(std::make_unique<wake_up>()), deadline_ns_(deadline_ns) {}

operation::~operation() = default;

void operation::end_part() noexcept {
  if (parts_.fetch_sub_acq_rel(1) == 1) wake_up_->end_wait();  // [part]
}

void operation::emit() noexcept {
  const bool is_last = parts_.load_acquire() == 1;  // [part]: only this part is left
  if (!is_last) signal_.emit(asio::cancellation_type::terminal);
  end_part();
}

void operation::await() {
  try {
    expired_ = static_cast<bool>(wake_up_->await(deadline_ns_));
  } catch (...) {  // the actor is to end, or there is no memory to wait with
    cancel();
    await_end();
    throw;
  }
  if (expired_) {
    cancel();
    await_end();
  }
  if (start_failure_ != nullptr) std::rethrow_exception(start_failure_);
}

void operation::cancel() noexcept {
  if (post_emit_ == nullptr) return;
  std::uint32_t parts = parts_.load_relaxed();  // only a guess for the exchange
  do {
    if (parts == 0) return;                                      // over already
  } while (!parts_.compare_exchange_acq_rel(parts, parts + 1));  // [part]
  post_emit_(*this);
}

/// The operation uses what lies on this stack: there is no leaving, whatever happens.
void operation::await_end() noexcept {
  for (;;) {
    try {
      wake_up_->await_unbroken();
      return;
    } catch (...) {  // no memory to wait with: others must end first
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace troupe::io::detail
