// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/behavior.hpp>
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/down.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/visit.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

namespace troupe::detail {
namespace {

system_core& core(const control_block& b) noexcept {
  return *static_cast<system_core*>(b.home.load_relaxed());
}

/// What comes for a dead block: its activation only drops it.
void activate_dead(task& t) {
  auto& b = static_cast<control_block&>(t);
  leave_section();
  drop_everything(b);
  enter_section();
  if (!give_up_ownership(b)) schedule_behind(b);
}

task_identity identify_dead(const task&) noexcept { return {}; }

errc error_for(dead_letter::cause why) noexcept {
  switch (why) {
    case dead_letter::cause::no_handler:
      return errc::no_handler;
    case dead_letter::cause::mailbox_full:
      return errc::mailbox_full;
    default:
      return errc::actor_down;
  }
}

void note_dead_letter(control_block& receiver, const envelope& e, dead_letter::cause why) {
  const visit guard;  // the receiver may be of another system, or of one that is gone
  if (scheduler* const home = receiver.home.load_seq_cst()) {  // [visit]
    static_cast<system_core*>(home)->note_dead_letter(why, e, receiver);
  }
}

void tell_watchers(control_block& b, std::uint32_t generation) noexcept {
  exit_reason reason = std::exchange(b.end_kind, exit_reason::kind::normal);
  const std::unique_ptr<extras> more = take_extras(b);
  if (more == nullptr) return;
  if (more->error != nullptr) reason = exit_reason(more->error);
  while (envelope* const w = pop(more->first_watcher, more->last_watcher)) {
    post_down(*w, b, generation, reason);
  }
}

}  // namespace

std::unique_ptr<extras> take_extras(control_block& b) noexcept {
  if (b.more.load_relaxed() == nullptr) return nullptr;  // written by the owner alone
  const std::scoped_lock hold(extras_lock());
  return std::unique_ptr<extras>(b.more.exchange_acq_rel(nullptr));
}

task_identity identify_actor(const task& t) noexcept {
  const auto& b = static_cast<const control_block&>(t);
  const extras* const more = b.more.load_relaxed();  // the running actor's own
  const any_ref self(unchecked, const_cast<control_block*>(&b), b.life());
  return {.id = self.id(),
          .name = more != nullptr ? std::string_view(more->name) : std::string_view(),
          .type = b.kind().name,
          .code = reinterpret_cast<std::uintptr_t>(&b.kind())};
}

const behavior_type dead_type = {{&activate_dead, &prepare_actor_wait, &take_news, &identify_dead},
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 "(ended)"};

spin_lock& extras_lock() noexcept {
  static constinit spin_lock lock;
  return lock;
}

void request_end(control_block& b, const exit_reason& reason) noexcept {
  if (b.end_requested) return;
  b.end_requested = true;
  b.end_kind = reason.code();
  if (reason.exception() == nullptr) return;
  try {
    auto room = b.more.load_relaxed() == nullptr ? std::make_unique<extras>() : nullptr;  // own
    b.get_extras(room).error = reason.exception();
  } catch (const std::bad_alloc&) {  // then watchers hear that it was an error, and no more
  }
}

void fail(control_block& b, std::exception_ptr error) noexcept {
  const exit_reason reason(std::move(error));
  failure f{};
  f.id = any_ref(unchecked, &b, b.life()).id();
  try {
    const extras* const more = b.more.load_relaxed();  // the owner's
    f.what = reason.what();
    f.type = b.kind().name;
    if (more != nullptr) f.name = more->name;
  } catch (const std::bad_alloc&) {  // reported with what there was memory for
  }
  report_failure(core(b), f);
  b.end_requested = false;  // an exception is the reason, whatever was asked for before
  request_end(b, reason);
}

void drop_message(control_block& receiver, envelope& e, dead_letter::cause why) {
  note_dead_letter(receiver, e, why);
  end_in_failure(e, error_for(why));
}

void drop_in_place(control_block& receiver, envelope& e, dead_letter::cause why) {
  note_dead_letter(receiver, e, why);
  post_failure(e, error_for(why));
}

envelope* make_monitor() {
  using room = std::unique_ptr<extras>;
  static_assert(std::is_nothrow_copy_constructible_v<down>);
  constexpr std::size_t size = std::max(sizeof(room), sizeof(down));
  envelope_ptr e(acquire_envelope(envelope_class_for(size, alignof(down))));
  ::new (e->storage()) room(std::make_unique<extras>());
  e->type = &message_type_of<room>;
  e->kind = envelope_kind::monitor;
  return e.release();
}

void post_down(envelope& monitor, control_block& ended, std::uint32_t generation,
               const exit_reason& reason) noexcept {
  auto& watcher = static_cast<control_block&>(*monitor.sender);
  destroy_payload(monitor);
  ::new (monitor.storage()) down{any_ref(unchecked, &ended, generation), reason};
  monitor.type = &message_type_of<down>;
  monitor.kind = envelope_kind::notice;
  monitor.sender = nullptr;
  post_control(watcher, monitor.sender_generation, monitor);
}

void drop_everything(control_block& b) {
  const auto drop = [&b](envelope& e) {
    if (e.type == nullptr) return release_envelope(e);
    drop_message(b, e, dead_letter::cause::receiver_ended);
  };
  take_news(b);  // nothing is awaited, and the generation is over: all of it is disposed of
  while (envelope* const e = pop(b.news_first, b.news_last)) discard_envelope(*e);
  while (envelope* const e = pop_stash(b)) drop(*e);
  if (b.front_is_spent || b.current_is_linked) {
    b.front_is_spent = b.current_is_linked = false;
    release_envelope(*pop_front(b));  // handled already
  }
  while (envelope* const e = pop_front(b)) drop(*e);
  while (envelope* const e = pop_bounded(b)) drop(*e);
  if (bounded_lane* const lane = b.lane.load_relaxed()) lane->wake_all();
}

namespace {

/// Its destructor may be noexcept(false): then what leaves it is the actor's exit reason.
void destroy_behavior(control_block& b) {
  try {
    b.kind().destroy(b);
  } catch (const actor_exit&) {  // a call that waits: the actor has ended
  } catch (...) {
    fail(b, std::current_exception());
  }
  b.behavior = nullptr;
}

}  // namespace

void terminate(control_block& b) {
  leave_section();
  take_news(b);  // what was asked before the end still counts: monitors come, or are taken back
  const std::uint32_t generation = b.generation.load_relaxed();
  b.end_requested = true;  // see is_for_this_life; and it is too late for other reasons
  b.generation.store_seq_cst(generation + 1);  // from here on, sends become dead letters; [owner]
  destroy_behavior(b);
  // Not before: a destructor may still use descriptors that reactors own for the actor.
  io::detail::reactor_mailbox::tell_of_end(b, generation);
  take_news(b);  // so that each watcher is told once, and those that have taken it back are not
  b.end_requested = false;
  tell_watchers(b, generation);
  drop_everything(b);
  enter_section();
  b.type.store_relaxed(&dead_type);
  b.prio.set(priority::normal);
  b.awaited = 0;
  system_core& home = core(b);
  home.give_block(b);  // spawn cannot take it before it is idle
  if (!give_up_ownership(b)) schedule_behind(b);
  home.actor_ends();
}

}  // namespace troupe::detail
