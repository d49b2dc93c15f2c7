// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/spawn.hpp>

#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/preempt/internal/quantum.hpp>
#include <troupe/preempt/internal/signal_preemptor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

#include <stdexcept>
#include <string>

namespace troupe::detail {
namespace {

constexpr std::size_t least_stack = std::size_t{16} * 1024;
constexpr std::size_t most_stack = std::size_t{1024} * 1024 * 1024;

/// 0: none of its own.
std::size_t quanta(const spawn_options& options) noexcept {
  return static_cast<std::size_t>(options.fresh_quantum.count() | options.batch_quantum.count());
}

/// One look for what few actors are given.
bool is_plain(const spawn_options& options) noexcept {
  return (options.name.size() | options.stack_size | quanta(options)) == 0;
}

void check(const behavior_type& type, const spawn_options& options) {
  if (options.stack_size != 0 && !type.is_direct()) {
    throw std::invalid_argument(
        "troupe: spawn_options::stack_size = " + std::to_string(options.stack_size) +
        " for an actor in handler style: it runs on the workers' stacks, whose size is "
        "system_options::stack_size");
  }
  if (options.stack_size != 0 &&
      (options.stack_size < least_stack || options.stack_size > most_stack)) {
    throw std::invalid_argument(
        "troupe: spawn_options::stack_size = " + std::to_string(options.stack_size) +
        " is not 0 nor from 16 KiB to 1 GiB");
  }
  if (options.fresh_quantum.count() != 0) {
    require_quantum("spawn_options::fresh_quantum", options.fresh_quantum);
  }
  if (options.batch_quantum.count() != 0) {
    require_quantum("spawn_options::batch_quantum", options.batch_quantum);
  }
}

void set_up(system_core& core, control_block& block, const spawn_options& options) {
  check(block.kind(), options);
  if (!options.name.empty()) block.set_name(options.name);
  if (options.stack_size != 0) {
    block.pinned.set(worker::make_own_stack(options.stack_size));
  }
  if (quanta(options) != 0) {
    set_quanta(core, block, options.fresh_quantum, options.batch_quantum);
  }
}

control_block& take_block(system_core& core) {
  const section guard;
  return *core.take_block();
}

}  // namespace

system_core& core_of(const control_block& block) noexcept {
  return *static_cast<system_core*>(block.home.load_relaxed());
}

control_block* current_actor() noexcept {
  task* const t = current_task();
  return t != nullptr && t->is_actor ? static_cast<control_block*>(t) : nullptr;
}

control_block& claim_block(system_core& core, const behavior_type& type,
                           const spawn_options& options) {
  if (options.prio > priority::low) {
    throw std::invalid_argument(
        "troupe: spawn_options::prio = " + std::to_string(static_cast<unsigned>(options.prio)) +
        " is no troupe::priority");
  }
  if (options.mailbox.when_full > overflow::suspend) {
    throw std::invalid_argument("troupe: spawn_options::mailbox.when_full = " +
                                std::to_string(static_cast<unsigned>(options.mailbox.when_full)) +
                                " is no troupe::overflow");
  }
  if (!core.actor_begins()) {
    throw std::system_error(errc::stopping, "troupe: spawn during a shutdown");
  }
  control_block* block = nullptr;
  try {
    block = &take_block(core);
  } catch (...) {
    core.actor_ends();
    throw;
  }
  // Released to visitors with handles to earlier lives: they may follow it before anything else.
  if (block->home.load_relaxed() != &core) block->home.store_release(&core);  // [visit]
  block->type.store_relaxed(&type);
  block->prio.set(options.prio);
  block->generation.store_release(block->generation.load_relaxed() + 1);  // ours alone: exact
  block->registered_with.store_release(0);  // behind it; [owner] in io/internal/reactor_mailbox.hpp
  claim_guard guard(*block);
  if (options.mailbox.capacity != 0 || block->lane.load_relaxed() != nullptr) {
    configure_lane(*block, options.mailbox);
  }
  if (!is_plain(options)) set_up(core, *block, options);
  guard.release();
  return *block;
}

void abandon_block(control_block& block) noexcept {
  if (raw_generator* const own = block.pinned.get()) {
    block.pinned.set(nullptr);
    raw_generator::destroy(own);
  }
  take_extras(block).reset();
  const std::uint32_t generation = block.generation.load_relaxed();
  block.generation.store_seq_cst(generation + 1);  // [owner]
  io::detail::reactor_mailbox::tell_of_end(block, generation);
  block.type.store_relaxed(&dead_type);
  block.prio.set(priority::normal);
  system_core& core = core_of(block);
  const section guard;
  core.give_block(block);
  if (!give_up_ownership(block)) schedule_behind(block);
  core.actor_ends();
}

void launch(control_block& block) noexcept {
  const section guard;
  if (block.kind().is_direct() || !give_up_ownership(block)) schedule(block);
}

}  // namespace troupe::detail
