// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What a worker parks in: its sockets' events (edge_set), the requests in its mailbox and wake-ups
// end one wait, which is one system call.
//
// Roles: the owner, the worker's carrier, in sections; wake(): any thread. Orderings:
//   [wake]  sleep_: what the waker wrote before wake() is seen by the search that follows the wait.
//           Sequentially consistent: who pushes a request wakes a worker that sleeps, or the worker
//           sees the request before it sleeps.

#include <troupe/base/atomic.hpp>
#include <troupe/io/internal/asio_thread.hpp>
#include <troupe/io/internal/edge_set.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/rebalancer.hpp>
#include <troupe/io/internal/registrations.hpp>
#include <troupe/io/internal/timeouts.hpp>
#include <troupe/io/reactor_options.hpp>
#include <troupe/scheduler/internal/poller.hpp>

#include <asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace troupe::detail {
class worker;
}

namespace troupe::io::detail {

class reactor final : public troupe::detail::poller {
 public:
  /// Throws std::system_error when there are no descriptors left.
  explicit reactor(reactor_options options = {});
  ~reactor() override;

  std::size_t poll(std::size_t budget) override;
  std::size_t wait_until(std::uint64_t deadline_ns, std::size_t budget,
                         const std::function<void()>& awake) override;
  void wake() noexcept override;
  bool has_interest() const noexcept override {
    return edges_->watches() || has_requests() || timeouts_.is_starved();
  }
  bool is_ready() const noexcept override { return has_requests() || edges_->has_events(); }

  /// A handle to its mailbox. Any thread.
  reactor_ref ref() const noexcept { return {&mailbox_, life_}; }
  /// After a request was posted: the worker looks at it soon. Any thread while the reactor lives.
  void call_worker() noexcept;

  /// What the program's own operations of Asio's run in, see asio_thread. Made at the first call.
  /// Any thread, outside a section. Throws std::system_error.
  asio::io_context& users_context();

  /// What watches sockets for this worker; outlives the reactor while sockets refer to it.
  const std::shared_ptr<edge_set>& edges() const noexcept { return edges_; }

  /// The reactor that a worker parks in. Throws std::logic_error when it parks in something else.
  static reactor& of(troupe::detail::worker& w);

 private:
  enum class sleep : std::uint32_t { awake, asleep, woken };

  static constexpr std::size_t requests_per_look = 64;  // arbitrary: some 20 us of system calls
  static constexpr std::uint64_t starved_rest_ns = 1'000'000;  // arbitrary: memory may come back

  bool fall_asleep() noexcept;
  bool has_requests() const noexcept { return mailbox_.has_requests() || ended_owners_ != nullptr; }
  void serve_requests() noexcept;
  void serve(troupe::detail::envelope& e) noexcept;
  std::size_t drop_orphans(std::size_t most) noexcept;
  void refuse_requests() noexcept;

  troupe::detail::atomic<sleep> sleep_{sleep::awake};
  const std::shared_ptr<edge_set> edges_;
  reactor_mailbox& mailbox_;
  const std::uint64_t life_;  // the mailbox's
  rebalancer rebalancer_;
  registrations registrations_;
  timeouts timeouts_;
  troupe::detail::envelope* ended_owners_ = nullptr;  // requests that are not done yet
  std::mutex making_;  // guards what follows; never taken in a section
  std::optional<asio_thread> users_;
};

/// Makes reactors. They throw std::system_error.
troupe::detail::poller_factory reactor_factory(reactor_options options);

}  // namespace troupe::io::detail
