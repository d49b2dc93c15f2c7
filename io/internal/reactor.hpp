// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What a worker parks in: its sockets' events (edge_set), the requests in its mailbox, Asio's
// operations and wake-ups end one wait.
//
// While nothing of Asio's is under way, the worker sleeps in the edge_set: one system call. While
// something is (asio_use), it sleeps in the io_context, which watches the edge_set like a
// descriptor. Roles: the owner, the worker's carrier, in sections (rule R2); wake() and asio_use:
// any thread. Orderings:
//   [wake]  sleep_: what the waker wrote before wake() is seen by the search that follows the wait.
//           Sequentially consistent: who pushes a request wakes a worker that sleeps, or the worker
//           sees the request before it sleeps.
//   [use]   uses_ and sleep_ are sequentially consistent: who begins a use wakes a worker that
//           sleeps without looking at the io_context, or it sees the use before it sleeps.

#include <troupe/base/atomic.hpp>
#include <troupe/io/internal/asio_thread.hpp>
#include <troupe/io/internal/edge_set.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/rebalancer.hpp>
#include <troupe/io/internal/registrations.hpp>
#include <troupe/io/internal/timeouts.hpp>
#include <troupe/io/reactor_options.hpp>
#include <troupe/scheduler/internal/poller.hpp>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

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
  /// Asio's own wait runs one handler of its before `awake` is called.
  std::size_t wait_until(std::uint64_t deadline_ns, std::size_t budget,
                         const std::function<void()>& awake) override;
  void wake() noexcept override;
  bool has_interest() const noexcept override {
    return edges_->watches() || uses_.load_relaxed() != 0 ||  // a use begun elsewhere also wakes
           has_requests() || timeouts_.is_starved();
  }

  /// While something of Asio's is under way the answer is yes: there is no looking from outside.
  bool is_ready() const noexcept override {
    return uses_.load_relaxed() != 0 || has_requests() || edges_->has_events();  // own
  }

  /// A handle to its mailbox. Any thread.
  reactor_ref ref() const noexcept { return {&mailbox_, life_}; }
  /// wake(), if it sleeps. Any thread while the reactor lives.
  void wake_if_asleep() noexcept {
    if (sleep_.load_seq_cst() == sleep::asleep) wake();  // [wake]
  }

  /// What the program's own operations of Asio's run in: not this reactor's io_context, see
  /// asio_thread. Made at the first call. Any thread, outside a section. Throws std::system_error.
  asio::io_context& users_context();

  /// What watches sockets for this worker; outlives the reactor while sockets refer to it.
  const std::shared_ptr<edge_set>& edges() const noexcept { return edges_; }

  /// The reactor that a worker parks in. Throws std::logic_error when it parks in something else.
  static reactor& of(troupe::detail::worker& w);

 private:
  friend class asio_use;

  enum class sleep : std::uint32_t { awake, asleep, woken };

  static constexpr std::size_t requests_per_look = 64;  // arbitrary: some 20 us of system calls
  static constexpr std::uint64_t starved_rest_ns = 1'000'000;  // arbitrary: memory may come back

  bool fall_asleep() noexcept;
  bool has_requests() const noexcept { return mailbox_.has_requests() || ended_owners_ != nullptr; }
  void serve_requests() noexcept;
  void serve(troupe::detail::envelope& e) noexcept;
  std::size_t drop_orphans(std::size_t most) noexcept;
  void refuse_requests() noexcept;
  std::size_t wait_in_asio(std::uint64_t deadline_ns);
  std::size_t poll_asio(std::size_t most);
  void watch_edges();

  troupe::detail::atomic<sleep> sleep_{sleep::awake};
  troupe::detail::atomic<std::uint32_t> uses_{0};  // outlives the context's handlers
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  const std::shared_ptr<edge_set> edges_;
  reactor_mailbox& mailbox_;
  const std::uint64_t life_;  // the mailbox's
  rebalancer rebalancer_;
  registrations registrations_;
  timeouts timeouts_;
  troupe::detail::envelope* ended_owners_ = nullptr;             // requests that are not done yet
  std::optional<asio::posix::stream_descriptor> edges_in_asio_;  // made when first needed
  bool watching_edges_ = false;  // an async_wait for it is under way
  unsigned looks_ = 0;           // calls of poll()
  std::mutex making_;            // guards what follows; never taken in a section
  std::optional<asio_thread> users_;
};

/// For as long as an operation of Asio's is under way on a worker's io_context: the reactor then
/// looks at it. Begun before the operation, kept by its handler. Any thread.
class asio_use {
 public:
  explicit asio_use(reactor& r) noexcept;
  asio_use(asio_use&& other) noexcept : reactor_(std::exchange(other.reactor_, nullptr)) {}
  asio_use& operator=(asio_use&&) = delete;
  ~asio_use();

  asio::io_context& context() const noexcept { return reactor_->context_; }

 private:
  reactor* reactor_;
};

/// Makes reactors. They throw std::system_error.
troupe::detail::poller_factory reactor_factory(reactor_options options);

}  // namespace troupe::io::detail
