// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/reactor.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/base/section.hpp>
#include <troupe/scheduler/internal/worker.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>

namespace troupe::io::detail {

using troupe::detail::never_ns;

// Only the owner runs the io_context and touches its descriptors; anybody may post to it.
reactor::reactor(reactor_options options)
    : context_(ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(asio::make_work_guard(context_)),
      edges_(std::make_shared<edge_set>()),
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
  if (edges_in_asio_) edges_in_asio_->release();  // the edge_set closes its descriptor itself
}

reactor& reactor::of(troupe::detail::worker& w) {
  auto* const r = dynamic_cast<reactor*>(&w.park());
  if (r == nullptr)
    throw std::logic_error("troupe: the workers of this scheduler have no reactors");
  return *r;
}

std::size_t reactor::poll(std::size_t budget) {
  // Sockets may never leave anything of the budget, nor Asio: a quarter is Asio's, on average where
  // it is no whole number.
  const std::size_t share = (budget + looks_++ % 4) / 4;
  const std::size_t handlers = poll_asio(share);
  std::size_t handled = handlers;
  for (bool more = true; more && handled < budget;) {
    const std::size_t last = edges_->wait(0, budget - handled);
    handled += last;
    more = last >= edge_set::most_events - 1;  // an interrupt() is used up, and is not counted
  }
  if (handlers == share) handled += poll_asio(budget - handled);  // Asio may have more
  serve_requests();
  return handled;
}

/// Runs up to `most` handlers of Asio's; their number.
std::size_t reactor::poll_asio(std::size_t most) {
  if (uses_.load_relaxed() == 0) return 0;  // one that begins now also wakes
  std::size_t ran = 0;
  while (ran < most && context_.poll_one() != 0) ++ran;
  return ran;
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
  if (uses_.load_seq_cst() == 0) {  // [use]
    const std::size_t handled =
        edges_->wait(deadline_ns, budget, std::ref(rise));  // allocates nothing
    serve_requests();
    return handled;
  }
  const std::size_t handled = wait_in_asio(deadline_ns);
  rise();
  return handled + poll(budget - handled);
}

/// False: woken already.
bool reactor::fall_asleep() noexcept {
  auto expected = sleep::awake;
  return sleep_.compare_exchange_seq_cst(expected, sleep::asleep);  // [use]
}

void reactor::wake() noexcept {
  if (sleep_.exchange_seq_cst(sleep::woken) == sleep::asleep) edges_->interrupt();  // [wake] [use]
}

/// The number of handlers that it has run beside watch_edges()'s: one at most.
std::size_t reactor::wait_in_asio(std::uint64_t deadline_ns) {
  using std::chrono::steady_clock;
  watch_edges();
  const std::size_t ran =
      deadline_ns == never_ns
          ? context_.run_one()
          : context_.run_one_until(steady_clock::time_point(std::chrono::nanoseconds(deadline_ns)));
  return watching_edges_ ? ran : 0;
}

/// Lets the io_context's wait end when the edge_set has events. Each start looks at its present
/// state, so it does not matter that events may be left over from before.
void reactor::watch_edges() {
  if (watching_edges_) return;
  if (!edges_in_asio_) edges_in_asio_.emplace(context_, edges_->descriptor());
  watching_edges_ = true;
  edges_in_asio_->async_wait(asio::posix::stream_descriptor::wait_read,
                             [this](const asio::error_code&) { watching_edges_ = false; });
}

asio::io_context& reactor::users_context() {
  const std::scoped_lock hold(making_);
  if (!users_) users_.emplace();
  return users_->context();
}

asio_use::asio_use(reactor& r) noexcept : reactor_(&r) {
  if (r.uses_.fetch_add_seq_cst(1) == 0) r.wake();  // [use]
}

asio_use::~asio_use() {
  if (reactor_ != nullptr) reactor_->uses_.fetch_sub_seq_cst(1);
}

troupe::detail::poller_factory reactor_factory(reactor_options options) {
  return [options](std::size_t) { return std::make_unique<reactor>(options); };
}

}  // namespace troupe::io::detail
