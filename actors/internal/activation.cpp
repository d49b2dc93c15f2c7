// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/internal/activation.hpp>

#include <troupe/actors/detail/behavior.hpp>
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/internal/system_core.hpp>
#include <troupe/base/error.hpp>
#include <troupe/scheduler/detail/schedule.hpp>

namespace troupe::detail {
namespace {

/// Runs the handler for one message; whatever comes of it is settled when this returns.
void handle(control_block& b, envelope& e) {
  b.current = &e;
  try {
    if (e.kind != envelope_kind::notice && e.target_generation != b.generation.load_relaxed()) {
      drop_in_place(b, e, dead_letter::cause::receiver_ended);
    } else if (!b.kind().handle(b, e)) {
      drop_in_place(b, e, dead_letter::cause::no_handler);
    }
  } catch (const actor_exit&) {
    post_failure(e, errc::actor_down);
    request_end(b, exit_reason::kind::normal);
  } catch (...) {
    post_failure(e, errc::actor_failed);
    fail(b, std::current_exception());
  }
  b.current = nullptr;
  destroy_payload(e);
}

/// The next message that is not in the mailbox any more: notices go first, then what a selective
/// receive passed over, then a bounded mailbox.
envelope* next_detached(control_block& b) {
  if (envelope* const e = pop(b.news_first, b.news_last)) return e;
  if (envelope* const e = pop_stash(b)) return e;
  return pop_bounded(b);
}

enum class served { again, done };

/// Takes the front out after it was handled in place. `done`: within a section, and the block is no
/// longer ours.
served retire_front(control_block& b, envelope& e) {
  if (mpsc_queue::next_of(e) != nullptr) {
    static_cast<void>(b.mailbox.unlink_front());  // cannot stall: the link is there
    release_envelope(e);
    return served::again;
  }
  enter_section();
  switch (b.mailbox.unlink_front_or_idle()) {
    case mpsc_queue::unlinked::emptied:
      // Idle now, and perhaps already running elsewhere: only the lanes may be touched.
      release_envelope(e);
      if (has_side_news(b) && b.mailbox.try_claim()) schedule(b);
      return served::done;
    case mpsc_queue::unlinked::stalled:
      b.front_is_spent = true;
      schedule_behind(b);
      return served::done;
    case mpsc_queue::unlinked::more:
      break;
  }
  leave_section();
  release_envelope(e);
  return served::again;
}

/// Handles the mailbox's front in place: it is unlinked only afterwards, in the same step that may
/// make the actor idle.
served serve_front(control_block& b, envelope& e) {
  // The next message was probably written by another core: let it arrive while this one is handled.
  __builtin_prefetch(mpsc_queue::next_of(e));
  b.current_is_linked = true;
  handle(b, e);
  if (!b.current_is_linked) {  // the handler waited
    release_envelope(e);
    return served::again;
  }
  b.current_is_linked = false;
  if (!b.end_requested) return retire_front(b, e);
  b.front_is_spent = true;  // for drop_everything
  return served::again;
}

/// Nothing is visible. `done`: within a section, and the block is no longer ours.
served serve_nothing(control_block& b) {
  enter_section();
  if (!give_up_ownership(b)) schedule_behind(b);
  return served::done;
}

/// A front left behind by a stalled producer. False: it still is.
bool clear_spent_front(control_block& b) {
  if (!b.front_is_spent) return true;
  auto& e = static_cast<envelope&>(*b.mailbox.front());
  if (mpsc_queue::next_of(e) == nullptr) return false;
  static_cast<void>(b.mailbox.unlink_front());  // cannot stall: the link is there
  b.front_is_spent = false;
  release_envelope(e);
  return true;
}

served serve_one(control_block& b) {
  if (b.control.has_news()) take_news(b);
  if (b.end_requested) {
    enter_section();
    terminate(b);
    return served::done;
  }
  if (envelope* const e = next_detached(b)) {
    handle(b, *e);
    release_envelope(*e);
    return served::again;
  }
  if (!clear_spent_front(b)) {
    enter_section();
    schedule_behind(b);
    return served::done;
  }
  if (queue_node* const node = b.mailbox.front()) {
    return serve_front(b, static_cast<envelope&>(*node));
  }
  return serve_nothing(b);
}

}  // namespace

// Called and left within a section. User code runs outside of it; the section is entered again
// before the step that gives the block away, so that no preempted thread ever runs an actor it does
// not own.
void activate_handlers(task& t) {
  auto& b = static_cast<control_block&>(t);
  const std::size_t most = b.home.load_relaxed()->messages_per_activation();
  if (b.quantum_over.load_relaxed()) b.quantum_over.store_relaxed(false);  // of an earlier turn
  leave_section();
  for (std::size_t handled = 0; handled < most && !b.quantum_over.load_relaxed(); ++handled) {
    if (serve_one(b) == served::done) return;
  }
  enter_section();
  schedule_behind(b);
}

void activate_body(task& t) {
  auto& b = static_cast<control_block&>(t);
  leave_section();
  try {
    b.kind().run(b);
  } catch (const actor_exit&) {
    request_end(b, exit_reason::kind::normal);
  } catch (...) {
    fail(b, std::current_exception());
  }
  enter_section();
  terminate(b);
}

void prepare_actor_wait(task& t) { detach_current(static_cast<control_block&>(t)); }

void detach_current(control_block& b) {
  if (b.front_is_spent) {  // by the message before, while this one came from elsewhere
    release_envelope(*pop_front(b));
    b.front_is_spent = false;
  }
  if (!b.current_is_linked) return;
  while (b.mailbox.unlink_front() == mpsc_queue::unlinked::stalled) yield_now();
  b.current_is_linked = false;
}

envelope* pop_front(control_block& b) {
  queue_node* const node = b.mailbox.front();
  if (node == nullptr) return nullptr;
  while (b.mailbox.unlink_front() == mpsc_queue::unlinked::stalled) yield_now();
  return static_cast<envelope*>(node);
}

bool give_up_ownership(control_block& b) noexcept {
  if (!b.mailbox.try_idle()) return false;
  // The control lane after the idle exchange: see mpsc_queue, [idle]. Whoever claims the block may
  // find it in another life; scheduling is right for any.
  if (has_side_news(b) && b.mailbox.try_claim()) schedule(b);
  return true;
}

envelope* pop_stash(control_block& b) noexcept {
  envelope* const e = pop(b.stash_first, b.stash_last);
  if (e != nullptr) forget_bounded(b);
  return e;
}

void append(envelope*& first, envelope*& last, envelope& e) noexcept {
  e.next.store_relaxed(nullptr);  // private list: the owner's alone
  if (first == nullptr) {
    first = &e;
  } else {
    last->next.store_relaxed(&e);
  }
  last = &e;
}

envelope* pop(envelope*& first, envelope*& last) noexcept {
  envelope* const e = first;
  if (e == nullptr) return nullptr;
  first = static_cast<envelope*>(e->next.load_relaxed());  // private list
  if (first == nullptr) last = nullptr;
  return e;
}

}  // namespace troupe::detail
