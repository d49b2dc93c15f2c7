// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/carrier_pool.hpp>

#include <troupe/base/system_limits.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace troupe::detail {

carrier_pool::~carrier_pool() {
  stop();
  // Nobody walks the list any more.
  for (member* m = newest_.load_relaxed(); m != nullptr;) {
    const std::unique_ptr<member> gone(std::exchange(m, m->before));
  }
}

/// Whatever may fail fails here, not on the new thread, where nobody could hear of it.
void carrier_pool::start(worker* w, preemptor* watcher) {
  member& m = next_member(watcher);
  threadless_ = &m;
  if (w != nullptr) w->bind(m.self);
  try {
    m.thread = std::thread([self = &m.self] { self->run(); });
  } catch (const std::system_error& e) {
    failed_.store_relaxed(true);  // [count]
    throw std::system_error(e.code(), "troupe: thread " + std::to_string(size_.load_relaxed() + 1) +
                                          " (workers: " + std::to_string(home_.worker_count()) +
                                          ") could not be started (" + thread_limits() +
                                          "; settings: system_options::workers, "
                                          "preemption_options::max_carriers)");
  }
  threadless_ = nullptr;
  size_.fetch_add_relaxed(1);    // [count]
  failed_.store_relaxed(false);  // [count]
}

/// Published before it has a thread: the monitor must find whoever goes to work.
carrier_pool::member& carrier_pool::next_member(preemptor* watcher) {
  if (threadless_ != nullptr) return *threadless_;
  auto m = std::make_unique<member>(home_);
  if (watcher != nullptr) m->self.watch = watcher->watch(m->self);
  m->before = newest_.load_relaxed();  // written by the starter alone
  newest_.store_seq_cst(m.get());      // [tick]
  return *m.release();
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
  for (member* m = newest_.load_relaxed(); m != nullptr; m = m->before) {  // the starter's view
    if (m->thread.joinable()) m->thread.join();
  }
}

}  // namespace troupe::detail
