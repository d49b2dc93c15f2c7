// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/internal/system_core.hpp>

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/detail/job_task.hpp>
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/inspect.hpp>
#include <troupe/base/clock.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/preempt/internal/actor_record.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/visit.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <utility>

namespace troupe::detail {
namespace {

void construct_block(void* slot, std::uint32_t number) {
  auto* const block = ::new (slot) control_block;
  block->number = number;
  block->is_actor = true;
  block->type.store_relaxed(&dead_type);  // published with the slot
}

void construct_job(void* slot, std::uint32_t number) {
  auto* const job = ::new (slot) job_task;
  job->number = number;
  // A job has no user lane: never idle, it is scheduled by its start and its control lane only.
  static_cast<void>(job->mailbox.try_claim());
}

// Not fenced: late messages look at blocks between two lives, and late wake-ups at jobs.
constinit depot block_depot(sizeof(control_block), &construct_block, false,
                            &actor_record::make_room);
constinit depot job_depot(sizeof(job_task), &construct_job, false);

scheduler::options scheduler_options(const system_options& o) {
  return {.workers = o.workers,
          .stack_size = o.stack_size,
          .messages_per_activation = o.messages_per_activation,
          .events_per_turn = o.io.events_per_turn,
          .make_poller = io::detail::reactor_factory(o.io),
          .make_preemptor = make_preemptor(o.preempt),
          .max_carriers = o.preempt.mode == preemption::off ? 0 : o.preempt.max_carriers};
}

}  // namespace

depot& control_blocks() noexcept { return block_depot; }
depot& job_tasks() noexcept { return job_depot; }

system_core::system_core(troupe::system& face, system_options settings)
    : scheduler(scheduler_options(settings)),
      face_(face),
      settings_(std::move(settings)),
      for_the_end_(worker_count()) {
  for (std::size_t i = 0; i < settings_.workers + 1; ++i) {
    locals_.push_back(std::make_unique<local>());
  }
}

system_core::~system_core() {
  stop();
  // Handles outlive systems: what is sent through them from now on finds no home.
  block_depot.for_each_slot([this](void* slot) {
    auto& block = *static_cast<control_block*>(slot);
    scheduler* mine = this;
    static_cast<void>(block.home.compare_exchange_seq_cst(mine, nullptr));  // [visit]
  });
  await_visitors();
  // Dead actors that others woke after the workers had stopped.
  task* t = nullptr;
  while (injected().pop(&t, 1) == 1) {
    enter_section();
    t->type.load_relaxed()->activate(*t);
    leave_section();
  }
}

system_core::local* system_core::here() noexcept {
  worker* const w = this_worker();
  return w != nullptr && &w->home() == this ? locals_[w->index()].get() : nullptr;
}

system_core::local& system_core::counts() noexcept {
  local* const mine = here();
  return mine != nullptr ? *mine : *locals_.back();
}

control_block* system_core::take_block() {
  // A block on whose past life messages still arrive is not idle: leave it to a later spawn. It may
  // take this very worker to make it idle, so do not wait for it: there is always fresh memory.
  constexpr std::size_t most_tries = 16;  // arbitrary, for each source
  control_block* busy[2 * most_tries];
  std::size_t tries = 0;
  control_block* found = nullptr;
  local* const mine = here();
  while (found == nullptr && tries < 2 * most_tries) {
    void* const slot =
        mine != nullptr && tries < most_tries ? mine->blocks.take() : block_depot.take_one();
    auto* const block = static_cast<control_block*>(slot);
    if (block->mailbox.try_claim()) {
      found = block;
    } else {
      busy[tries++] = block;
    }
  }
  if (found == nullptr) {
    found = static_cast<control_block*>(block_depot.take_fresh());
    static_cast<void>(found->mailbox.try_claim());  // nobody has ever had a handle to it
  }
  for (std::size_t i = 0; i < tries; ++i) give_block(*busy[i]);
  return found;
}

void system_core::give_block(control_block& block) noexcept {
  if (local* const mine = here()) {
    mine->blocks.give(&block);
  } else {
    block_depot.give_one(&block);
  }
}

job_task* system_core::take_job() {
  local* const mine = here();
  return static_cast<job_task*>(mine != nullptr ? mine->jobs.take() : job_depot.take_one());
}

void system_core::give_job(job_task& job) noexcept {
  if (local* const mine = here()) {
    mine->jobs.give(&job);
  } else {
    job_depot.give_one(&job);
  }
}

// Counting lives: begun and ended are counted where they happen. The sums take `ended` first, so
// they are never too small; and with `refusing_` set, no new actor can slip in behind a zero,
// because a life is counted (seq_cst) before `refusing_` is looked at (seq_cst). A job is begun by
// an actor or job that lives, or by a thread outside, which must not do that while the system is
// destroyed.
//
// [end] Whether it was the last one, a worker asks itself when it has run out of work, which it has
// then: to ask after each end would take a line from every other worker's cache each time. Until
// then the end is only released: whoever counts it has seen that life's begin. Before the worker
// asks whether somebody waits, it writes the count once more, sequentially consistently, as do
// those who wait when they announce it before they count. A thread that carries no worker here asks
// at once.
bool system_core::actor_begins() noexcept {
  const section guard;
  counts().of_actors.begun.fetch_add_seq_cst(1);
  if (!refusing_.load_seq_cst()) return true;
  actor_ends();
  return false;
}

void system_core::actor_ends() noexcept { count_end(&local::of_actors); }

void system_core::job_begins() noexcept {
  const section guard;
  counts().of_jobs.begun.fetch_add_seq_cst(1);
}

void system_core::job_ends() noexcept { count_end(&local::of_jobs); }

void system_core::count_end(lives local::*kind) noexcept {
  const section guard;
  if (local* const mine = here()) {
    auto& ended = (*mine.*kind).ended;
    ended.store_release(ended.load_relaxed() + 1);  // [end]; nobody else writes it
    mine->has_ended = true;
  } else {
    (*locals_.back().*kind).ended.fetch_add_seq_cst(1);  // [end]
    tell_waiters();
  }
}

void system_core::note_idle(const worker& w) noexcept {
  local& mine = *locals_[w.index()];
  if (!std::exchange(mine.has_ended, false)) return;
  for (lives* const l : {&mine.of_actors, &mine.of_jobs}) {
    l->ended.store_seq_cst(l->ended.load_relaxed());  // [end]
  }
  tell_waiters();
}

void system_core::tell_waiters() noexcept {
  if (waiting_.load_seq_cst() == 0 || !nothing_lives()) return;  // [end]
  const std::scoped_lock hold(end_lock_);
  for (end_waiter* w = waiters_; w != nullptr; w = w->next) w->door.open();
}

void system_core::enlist(end_waiter& w) noexcept {
  waiting_.fetch_add_seq_cst(1);  // [end] announce, then count
  const std::scoped_lock hold(end_lock_);
  w.next = std::exchange(waiters_, &w);
}

void system_core::strike(end_waiter& w) noexcept {
  {
    const std::scoped_lock hold(end_lock_);
    end_waiter** at = &waiters_;
    while (*at != &w) at = &(*at)->next;
    *at = w.next;
  }
  waiting_.fetch_sub_seq_cst(1);
}

std::size_t system_core::living(std::initializer_list<lives local::*> kinds) const noexcept {
  std::uint64_t ended = 0;
  std::uint64_t begun = 0;
  for (const auto& l : locals_) {
    for (const auto kind : kinds) ended += (*l.*kind).ended.load_seq_cst();
  }
  for (const auto& l : locals_) {
    for (const auto kind : kinds) begun += (*l.*kind).begun.load_seq_cst();
  }
  return static_cast<std::size_t>(begun - ended);
}

std::size_t system_core::live_actors() const noexcept { return living({&local::of_actors}); }

std::size_t system_core::live_jobs() const noexcept { return living({&local::of_jobs}); }

/// In one sum: an actor may start a job and end, or a job an actor.
bool system_core::nothing_lives() const noexcept {
  return living({&local::of_actors, &local::of_jobs}) == 0;
}

namespace {

/// Until it is opened, or for no reason. False: the time was over before.
bool wait_until(gate& door, std::uint64_t deadline_ns) noexcept {
  if (deadline_ns == never_ns) {
    door.pass();
    return true;
  }
  const std::uint64_t now = now_ns();
  if (now >= deadline_ns) return false;
  static_cast<void>(door.pass_within(deadline_ns - now));
  return true;
}

}  // namespace

bool system_core::await_actors_until(std::uint64_t deadline_ns) {
  end_waiter mine;
  enlist(mine);
  bool all_ended = nothing_lives();
  while (!all_ended && wait_until(mine.door, deadline_ns)) all_ended = nothing_lives();
  strike(mine);
  return all_ended;
}

void system_core::await_actors() { await_actors_until(never_ns); }

bool system_core::ask_all_to_end(bool memory_is_short) noexcept {
  bool enough = true;
  for_each_actor([&](control_block& block, std::uint32_t generation) {
    // Those who have yet to take note must not use up what is left for the others.
    if (memory_is_short && block.control.has_news()) return;
    envelope* const e = enough ? acquire_reserved_envelope() : nullptr;
    enough = e != nullptr;
    if (!enough) return;
    ::new (e->storage()) exit_reason(exit_reason::kind::shutdown);
    e->type = &message_type_of<exit_reason>;
    e->kind = envelope_kind::exit;
    post_control(block, generation, *e);
  });
  return enough;
}

void system_core::end_all(std::uint64_t deadline_ns) {
  refusing_.store_seq_cst(true);  // see actor_begins
  // Asked again now and then: a spawn that was under way may have missed the first call.
  constexpr std::uint64_t first_pause_ns = 10'000'000;
  // Without memory some are asked at a time; the next ones when these have had time to end.
  constexpr std::uint64_t short_pause_ns = 1'000'000;
  bool memory_is_short = false;
  for (std::uint64_t pause = first_pause_ns; !nothing_lives(); pause *= 2) {
    memory_is_short = !ask_all_to_end(memory_is_short);
    if (memory_is_short) pause = short_pause_ns;
    const std::uint64_t now = now_ns();
    if (await_actors_until(std::min(now + pause, deadline_ns))) break;
    if (now_ns() >= deadline_ns) break;
  }
}

shutdown_report system_core::shut_down(std::uint64_t deadline_ns) {
  end_all(deadline_ns);
  return {find_survivors()};
}

std::vector<survivor> system_core::find_survivors() const {
  std::vector<survivor> found;
  for (actor_statistics& a : inspect_actors(*this)) {
    found.push_back({a.id, std::move(a.name), std::move(a.type), to_string(a.state)});
  }
  for (std::size_t left = live_jobs(); left > 0; --left)
    found.push_back({0, "", "job", "not finished"});
  return found;
}

void system_core::note_dead_letter(dead_letter::cause why, const envelope& e,
                                   const control_block& receiver) {
  dead_letters_.fetch_add_relaxed(1);  // [count]
  if (!settings_.on_dead_letter) return;
  try {
    const std::uint32_t meant = e.target_generation;
    const std::uint32_t life = meant - (meant % 2 == 0 ? 1 : 0);  // even: what an end has left
    const std::uint64_t id = any_ref(unchecked, const_cast<control_block*>(&receiver), life).id();
    settings_.on_dead_letter({why, e.type != nullptr ? e.type->name() : std::string(), id});
  } catch (...) {  // documented: what the hook throws is dropped
  }
}

void report_failure(system_core& core, const failure& f) noexcept {
  try {
    if (core.configuration().on_failure) {
      core.configuration().on_failure(f);
      return;
    }
    const std::string who = f.id == 0 ? std::string("a job")
                                      : "actor " + std::to_string(f.id & 0xffffffff) + " '" +
                                            f.name + "' (" + f.type + ")";
    std::fprintf(stderr, "troupe: %s was ended by an exception: %s\n", who.c_str(), f.what.c_str());
  } catch (...) {  // documented: what the hook throws is dropped
  }
}

}  // namespace troupe::detail
