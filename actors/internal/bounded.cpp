// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/internal/activation.hpp>
#include <troupe/base/error.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <semaphore>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe::detail {
namespace {

constinit depot lanes(
    sizeof(bounded_lane), [](void* slot, std::uint32_t) { ::new (slot) bounded_lane; }, false);

/// The receiver may be idle: the lane is filled first, then the idle bit is looked at.
void wake_receiver(control_block& to) noexcept {
  if (to.mailbox.try_claim()) schedule(to);
}

/// A behavior or job that waits for room.
struct waiting_sender : bounded_lane::waiter {
  waiting_sender(task& sender, std::uint32_t request)
      : waiter{&wake_task}, self(sender), id(request), prepared(make_wake(sender, request)) {}

  static void wake_task(waiter& w) noexcept {
    auto& me = static_cast<waiting_sender&>(w);
    task& sender = me.self;
    envelope* const e = me.prepared.release();
    me.used.store_release(true);  // `me` may be gone from here on
    post_control(sender, *e);
  }

  task& self;
  std::uint32_t id;
  envelope_ptr prepared;
  atomic<bool> used{false};
};

void give_up(bounded_lane& lane, waiting_sender& sender) {
  if (lane.delist(sender)) return;
  // Woken already: whoever wakes us may still use `sender`, for a few instructions. No wait: that
  // may be what has failed. The wake-up itself answers nothing any more, and is dropped.
  while (!sender.used.load_acquire()) std::this_thread::yield();  // pairs with wake_task
  lane.wake_one();                                                // the room is for another one
}

/// False: the deadline has passed.
bool wait_as_task(bounded_lane& lane, std::uint32_t life, task& self, std::uint64_t deadline_ns) {
  waiting_sender sender(self, self.next_request_id());
  if (!lane.enlist(sender, life)) return true;
  try {
    if (await_answer(self, sender.id, deadline_ns)->kind != envelope_kind::timeout) return true;
  } catch (...) {
    give_up(lane, sender);
    throw;
  }
  give_up(lane, sender);
  return false;
}

/// A plain thread that waits for room.
struct waiting_thread : bounded_lane::waiter {
  waiting_thread() : waiter{&wake_thread} {}
  static void wake_thread(waiter& w) noexcept { static_cast<waiting_thread&>(w).room.release(); }
  std::binary_semaphore room{0};
};

void wait_as_thread(bounded_lane& lane, std::uint32_t life) {
  waiting_thread sender;
  if (lane.enlist(sender, life)) sender.room.acquire();
}

[[noreturn]] void throw_refused(errc why, const control_block& to) {
  throw std::system_error(why, "troupe: message to actor " + std::to_string(to.number + 1));
}

void wait_for_room(const control_block& to, bounded_lane& lane, std::uint32_t life,
                   std::uint64_t deadline_ns) {
  task* const self = current_task();
  if (self == &to) throw_refused(errc::mailbox_full, to);
  if (self == nullptr) {
    wait_as_thread(lane, life);
    return;
  }
  throw_if_ending(*self);
  if (!wait_as_task(lane, life, *self, deadline_ns)) throw_refused(errc::timeout, to);
}

}  // namespace

void configure_lane(control_block& b, mailbox_options options) {
  bounded_lane* lane = b.lane.load_relaxed();  // the claimed block is ours alone
  if (lane == nullptr) {
    const section guard;
    lane = static_cast<bounded_lane*>(lanes.take_one());
  }
  lane->configure(options, b.generation.load_relaxed());
  b.lane.store_release(lane);  // pairs with post_message
}

void force_bounded(control_block& to, bounded_lane& lane, envelope& e) noexcept {
  lane.force(e);
  wake_receiver(to);
}

void post_bounded(control_block& to, bounded_lane& lane, envelope& e, std::uint64_t deadline_ns) {
  envelope_ptr owned(&e);
  if (!try_post_bounded(to, lane, owned, deadline_ns)) throw_refused(errc::mailbox_full, to);
}

bool try_post_bounded(control_block& to, bounded_lane& lane, envelope_ptr& from,
                      std::uint64_t deadline_ns) {
  envelope_ptr owned = std::move(from);
  envelope& e = *owned;
  for (bool woken = false;; woken = true) {
    if (to.generation.load_acquire() != e.target_generation) {  // a hint, as in try_post
      if (woken) lane.wake_one();  // the room may be for a sender to the present life
      post_to_the_dead(to, *owned.release());
      return true;
    }
    envelope* dropped = nullptr;
    switch (lane.offer(e, dropped)) {
      case bounded_lane::outcome::accepted:
      case bounded_lane::outcome::dropped_oldest:
        static_cast<void>(owned.release());
        wake_receiver(to);
        if (dropped != nullptr) drop_message(to, *dropped, dead_letter::cause::mailbox_full);
        return true;
      case bounded_lane::outcome::full_drop:
        drop_message(to, *owned.release(), dead_letter::cause::mailbox_full);
        return true;
      case bounded_lane::outcome::full_fail:
        from = std::move(owned);
        return false;
      case bounded_lane::outcome::full_suspend:
        wait_for_room(to, lane, e.target_generation, deadline_ns);
        break;
      case bounded_lane::outcome::past_life:
        // For good: a handle to a life comes after the lane's bound for it. The look at the
        // generation need not have told: what is left of an ended actor may be known by an even
        // one.
        if (woken) lane.wake_one();
        post_to_the_dead(to, *owned.release());
        return true;
    }
  }
}

}  // namespace troupe::detail
