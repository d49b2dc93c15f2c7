// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/detail/timer.hpp>

#include <troupe/base/section.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

namespace troupe::detail {
namespace {

constinit depot entries(
    sizeof(timer_entry), [](void* slot, std::uint32_t) { ::new (slot) timer_entry; }, false);

/// The calling thread's worker, if it is one of `home`'s.
worker* local_worker(scheduler& home) noexcept {
  worker* const w = this_worker();
  return w != nullptr && &w->home() == &home ? w : nullptr;
}

}  // namespace

depot& timer_entries() noexcept { return entries; }

void worker::arm(timer_entry& entry, std::uint64_t deadline_ns) noexcept {
  wheel_.arm(entry, deadline_ns);
  expect_work();
}

void worker::disarm(timer_entry& entry) noexcept {
  wheel_.cancel(entry);
  free_timer_entry(entry);
}

timer_entry* worker::new_timer_entry() { return static_cast<timer_entry*>(timer_cache_.take()); }

void worker::free_timer_entry(timer_entry& entry) noexcept { timer_cache_.give(&entry); }

void worker::post_to_inbox(timer_entry& entry) noexcept {
  static_cast<void>(inbox_.push(entry));  // the inbox's owner parks by parked_, not by the idle bit
  if (parked_.load_seq_cst()) wake();     // pairs with park_until_news
  call_watch();
}

timer_ref arm_timer(scheduler& home, std::uint64_t deadline_ns, task& target, envelope& parcel,
                    deliver_parcel deliver) {
  const section guard;
  worker* const local = local_worker(home);
  auto* const entry =
      local != nullptr ? local->new_timer_entry() : static_cast<timer_entry*>(entries.take_one());
  worker& owner = local != nullptr ? *local : home.next_worker();
  entry->owner.store_relaxed(&owner);    // published by [life]
  entry->parcel.store_relaxed(&parcel);  // published by [life]
  entry->target = &target;
  entry->deliver = deliver;
  const std::uint64_t life = timer_entry::life_of(entry->word.load_relaxed()) + 1;  // ours alone
  if (local != nullptr) {
    entry->word.store_release(timer_entry::pack(life, timer_state::armed));  // [life]
    local->arm(*entry, deadline_ns);
  } else {
    entry->deadline_ns = deadline_ns;
    entry->word.store_release(timer_entry::pack(life, timer_state::posted));  // [life]
    owner.post_to_inbox(*entry);
  }
  return {entry, life};
}

/// Wins the timer's envelope for the caller, if it is still to be had.
static envelope* take_parcel(timer_entry& entry, std::uint64_t life) noexcept {
  const section guard;
  worker* const owner = entry.owner.load_relaxed();      // [life] see timer_entry
  envelope* const parcel = entry.parcel.load_relaxed();  // [life]
  if (entry.transition(life, timer_state::posted, timer_state::cancelled)) return parcel;
  if (!entry.transition(life, timer_state::armed, timer_state::cancelled)) return nullptr;
  if (this_worker() == owner) {
    owner->disarm(entry);
  } else {
    owner->post_to_inbox(entry);
  }
  return parcel;
}

bool cancel_timer(timer_ref timer) noexcept {
  if (timer.entry == nullptr) return false;
  envelope* const parcel = take_parcel(*timer.entry, timer.life);
  if (parcel == nullptr) return false;
  discard_envelope(*parcel);
  return true;
}

}  // namespace troupe::detail
