// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/internal/inspect.hpp>

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/preempt/internal/actor_record.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

namespace troupe::detail {
namespace {

/// Its extras may be deleted by the actor's end at any time but while their lock is held; and there
/// nothing is allocated, because preempted behaviors may hold the locks of malloc.
std::string name_of(const control_block& b) {
  std::string name;
  for (std::size_t length = 0;;) {
    name.reserve(length);
    const std::scoped_lock hold(extras_lock());
    const extras* const more = b.more.load_acquire();
    if (more == nullptr) return {};
    length = more->name.size();
    if (length > name.capacity()) continue;
    name.assign(more->name);
    return name;
  }
}

actor_state state_of(const control_block& b, actor_record::place where) noexcept {
  if (where == actor_record::place::frozen) return actor_state::preempted;
  if (where == actor_record::place::unbound) return actor_state::unbound;
  if (where == actor_record::place::returning) return actor_state::returning;
  const bool is_pinned = b.pinned.peek() != nullptr;
  if (b.mailbox.is_idle()) return is_pinned ? actor_state::receiving : actor_state::idle;
  return is_pinned && b.control.is_parked() ? actor_state::waiting : actor_state::runnable;
}

run_mode mode_of(const control_block& b, actor_record::place where) noexcept {
  if (b.kind().is_direct()) return run_mode::poll;
  const bool has_generator = where != actor_record::place::worker || b.pinned.peek() != nullptr;
  return has_generator ? run_mode::switched : run_mode::no_generator;
}

actor_statistics inspect(const control_block& b, std::uint32_t generation) {
  actor_statistics a{};
  a.id = any_ref(unchecked, const_cast<control_block*>(&b), generation).id();
  a.name = name_of(b);
  a.type = std::string(b.kind().name);
  a.prio = b.prio.peek();
  auto where = actor_record::place::worker;
  if (const actor_record* const r = actor_record::find(b)) {
    where = r->where();
    a.preemptions = r->preemptions();
    a.unbinds = r->unbinds();
    a.deferrals = r->deferrals();
    a.rescues = r->rescues();
    a.fresh_quantum = std::chrono::microseconds(r->fresh_us());
    a.batch_quantum = std::chrono::microseconds(r->batch_us());
  }
  a.state = state_of(b, where);
  a.mode = mode_of(b, where);
  return a;
}

}  // namespace

std::vector<actor_statistics> inspect_actors(const system_core& core) {
  const preemption_options& common = core.configuration().preempt;
  std::vector<actor_statistics> found;
  core.for_each_actor([&](const control_block& b, std::uint32_t generation) {
    actor_statistics a = inspect(b, generation);
    if (b.generation.load_acquire() != generation) return;  // ended; see [record]
    if (a.fresh_quantum.count() == 0) a.fresh_quantum = common.fresh_quantum;
    if (a.batch_quantum.count() == 0) a.batch_quantum = common.batch_quantum;
    found.push_back(std::move(a));
  });
  return found;
}

}  // namespace troupe::detail
