// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What preemption has to do with one actor: how often its worker has been taken from it, and its
// quanta where they are its own. Kept beside the control blocks, by the numbers of their slots, so
// that actors of which there is nothing to say cost neither memory nor time.
//
// A record belongs to one life of its slot; to every other one it says nothing. So nobody resets it
// when a life ends or begins, and its page is touched only when there is something to be written.
//
// Roles: the thread that runs the actor (in its signal handler, or in a section) writes, and before
// that the one that spawns it; they follow one another as owners of the task. Any thread reads.
// Orderings:
//   [record] every write releases, every read acquires (which costs nothing on x86). So who has
//            read something of a later life finds that the actor has a later generation, and knows
//            that what he has read is worth nothing; and who has read that a record belongs to a
//            life finds nothing of an earlier one in it.

#include <troupe/base/atomic.hpp>

#include <chrono>
#include <cstdint>

namespace troupe::detail {

class task;

class actor_record {
 public:
  /// What the actor's thread does, when it does not run on a worker.
  enum class place : std::uint32_t {
    worker,     ///< nothing of what follows
    frozen,     ///< is stopped, its quantum being over
    unbound,    ///< goes on without a worker
    returning,  ///< has come back from there, and waits for a worker
  };

  /// Of the life that `actor` is in; nullptr: there is none. Any thread, and signal handlers.
  static actor_record* find(const task& actor) noexcept;
  /// As above, begun where there is none. nullptr for jobs, and between two lives. Owner.
  static actor_record* open(const task& actor) noexcept;
  /// Where the actor's thread is now, if there may be a record of it. Owner.
  static void note_place(const task& actor, place where) noexcept {
    if (actor_record* const r = open(actor)) r->set_place(where);
  }
  /// Memory for the records of these slots, before anybody asks for them: a depot's prepare_slots.
  static void make_room(std::uint32_t first, std::uint32_t count);

  // Owner.
  void set_quanta(std::chrono::microseconds fresh, std::chrono::microseconds batch) noexcept;
  void set_place(place where) noexcept { place_.store_release(where); }  // [record]
  void count_preemption() noexcept { count(preemptions_, 1); }
  void count_unbind() noexcept { count(unbinds_, 1); }
  void count_deferrals(std::uint64_t n) noexcept { count(deferrals_, n); }
  void count_rescue() noexcept { count(rescues_, 1); }

  // Any thread.
  std::uint32_t fresh_us() const noexcept { return fresh_us_.load_acquire(); }        // [record]
  std::uint32_t batch_us() const noexcept { return batch_us_.load_acquire(); }        // [record]
  place where() const noexcept { return place_.load_acquire(); }                      // [record]
  std::uint64_t preemptions() const noexcept { return preemptions_.load_acquire(); }  // [record]
  std::uint64_t unbinds() const noexcept { return unbinds_.load_acquire(); }          // [record]
  std::uint64_t deferrals() const noexcept { return deferrals_.load_acquire(); }      // [record]
  std::uint64_t rescues() const noexcept { return rescues_.load_acquire(); }          // [record]

 private:
  /// One writer at a time: no locked instruction is needed.
  static void count(atomic<std::uint64_t>& counted, std::uint64_t more) noexcept {
    counted.store_release(counted.load_relaxed() +
                          more);  // [record] own: no order is needed to read
  }
  void begin(std::uint32_t life) noexcept;

  atomic<std::uint32_t> life_{0};  // 0: of none; actors' generations are odd
  atomic<place> place_{place::worker};
  atomic<std::uint32_t> fresh_us_{0};  // 0: the system's
  atomic<std::uint32_t> batch_us_{0};  // 0: the system's
  atomic<std::uint64_t> preemptions_{0};
  atomic<std::uint64_t> unbinds_{0};
  atomic<std::uint64_t> deferrals_{0};
  atomic<std::uint64_t> rescues_{0};
};
static_assert(model_checked || sizeof(actor_record) == 48);

}  // namespace troupe::detail
