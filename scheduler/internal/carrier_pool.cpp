// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier_pool.hpp>

#include <troupe/scheduler/internal/scheduler.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace troupe::detail {

carrier_pool::~carrier_pool() { stop(); }

/// Whatever may fail fails here, not on the new thread, where nobody could hear of it.
void carrier_pool::start(worker* w, preemptor* watcher) {
  const std::scoped_lock hold(starting_);
  members_.reserve(members_.size() + 1);
  auto c = std::make_unique<carrier>(home_);
  if (watcher != nullptr) c->watch = watcher->watch(*c);
  if (w != nullptr) w->bind(*c);
  try {
    std::thread thread([self = c.get()] { self->run(); });
    members_.push_back({std::move(c), std::move(thread)});
  } catch (const std::system_error& e) {
    failed_.store_relaxed(true);  // [count]
    throw std::system_error(e.code(),
                            "troupe: thread " + std::to_string(members_.size() + 1) +
                                " (workers: " + std::to_string(home_.worker_count()) +
                                ") could not be started (limits: RLIMIT_NPROC, "
                                "kernel.threads-max, cgroup pids.max; settings: "
                                "system_options::workers, preemption_options::max_carriers)");
  }
  size_.fetch_add_relaxed(1);    // [count]
  failed_.store_relaxed(false);  // [count]
}

carrier* carrier_pool::try_take_spare() noexcept {
  if (!lock_.try_lock()) return nullptr;
  const std::scoped_lock hold(std::adopt_lock, lock_);
  carrier* const c = spares_;
  if (c == nullptr) return nullptr;
  spares_ = c->next_spare;
  home_.counts().spare.fetch_sub_relaxed(1);  // [count]
  return c;
}

bool carrier_pool::rest(carrier& c) noexcept {
  {
    const std::scoped_lock hold(lock_);
    if (stopped_) return false;
    c.next_spare = std::exchange(spares_, &c);
    home_.counts().spare.fetch_add_relaxed(1);  // [count]
  }
  c.door.pass();
  c.cpus.set_free();
  return c.bound != nullptr;
}

void carrier_pool::stop() noexcept {
  carrier* spares = nullptr;
  {
    const std::scoped_lock hold(lock_);
    stopped_ = true;
    spares = std::exchange(spares_, nullptr);
  }
  while (spares != nullptr) std::exchange(spares, spares->next_spare)->door.open();
  for (member& m : members_) {
    if (m.thread.joinable()) m.thread.join();
  }
}

}  // namespace troupe::detail
