// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/reactor.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace troupe::io::detail {

reactor::reactor(reactor_options options)
    : edges_(std::make_shared<edge_set>()),
      mailbox_(reactor_mailbox::open(*this)),
      life_(mailbox_.present_life()),
      rebalancer_(options.rebalance_ratio, mailbox_.counts.moved),
      registrations_(*edges_, mailbox_.counts),
      timeouts_(mailbox_.counts) {
  if (rebalancer_.is_on()) edges_->count_for(rebalancer_);
}

reactor::~reactor() {
  mailbox_.close();
  {
    const troupe::detail::section guard;  // as ever; the worker has ended
    refuse_requests();
    registrations_.close_all(errc::stopping);
  }
  mailbox_.release();
  edges_->retire();
}

reactor& reactor::of(troupe::detail::worker& w) {
  auto* const r = dynamic_cast<reactor*>(&w.park());
  if (r == nullptr)
    throw std::logic_error("troupe: the workers of this scheduler have no reactors");
  return *r;
}

std::size_t reactor::poll(std::size_t budget) {
  std::size_t handled = 0;
  for (bool more = true; more && handled < budget;) {
    const std::size_t last = edges_->wait(0, budget - handled);
    handled += last;
    more = last >= edge_set::most_events - 1;  // an interrupt() is used up, and is not counted
  }
  serve_requests();
  return handled;
}

std::size_t reactor::wait_until(std::uint64_t deadline_ns, std::size_t budget,
                                const std::function<void()>& awake) {
  const auto rise = [&] {
    sleep_.exchange_acq_rel(sleep::awake);  // [wake]
    awake();
  };
  if (timeouts_.is_starved()) {
    deadline_ns = std::min(deadline_ns, troupe::detail::now_ns() + starved_rest_ns);
  }
  if (!fall_asleep() || has_requests()) {  // [wake]
    rise();
    return poll(budget);
  }
  const std::size_t handled =
      edges_->wait(deadline_ns, budget, std::ref(rise));  // allocates nothing
  serve_requests();
  return handled;
}

/// False: woken already.
bool reactor::fall_asleep() noexcept {
  auto expected = sleep::awake;
  return sleep_.compare_exchange_seq_cst(expected, sleep::asleep);  // [wake]
}

void reactor::wake() noexcept {
  if (sleep_.exchange_seq_cst(sleep::woken) == sleep::asleep) edges_->interrupt();  // [wake]
}

void reactor::call_worker() noexcept {
  if (sleep_.load_seq_cst() == sleep::asleep) wake();  // [wake]
  if (owner() != nullptr) owner()->call_watch();
}

asio::io_context& reactor::users_context() {
  const std::scoped_lock hold(making_);
  if (!users_) users_.emplace();
  return users_->context();
}

troupe::detail::poller_factory reactor_factory(reactor_options options) {
  return [options](std::size_t) { return std::make_unique<reactor>(options); };
}

}  // namespace troupe::io::detail
