// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// An actor's identity, mailbox and state, in type-stable memory: blocks are recycled, never
// returned. A handle is {block, generation}; each life of a block has its own generation.
//
//   | generation | the block is                                                    |
//   | even       | in the depot, or being spawned, or draining messages for the past |
//   | odd        | an actor that lives                                             |
// The life begins in spawn (which owns the block alone, by claiming its idle mailbox), and ends in
// terminate(). A message that comes too late wakes the dead block like a live one: its activation
// then turns the message into a dead letter. So no send ever needs a lock or a reference count.

#include <troupe/actors/exit_reason.hpp>
#include <troupe/base/cache_line.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::detail {

class control_block;

/// What all actors of one C++ type share.
struct behavior_type : task_type {
  /// Handler style: handles one message and answers it if it is a request. False: there is no
  /// handler.
  bool (*handle)(control_block&, envelope&);
  /// Direct style: the body.
  void (*run)(control_block&);
  void (*destroy)(control_block&);  ///< the behavior object; throws what its destructor does
  std::string_view name;            ///< readable C++ type of the behavior

  bool is_direct() const noexcept { return run != nullptr; }
};

struct watcher_index;

/// What few actors have: allocated when first needed, for watchers by the one who watches, who can
/// be told that there is no memory.
struct extras {
  extras() noexcept;
  ~extras();
  extras(const extras&) = delete;
  extras& operator=(const extras&) = delete;

  std::string name;
  std::exception_ptr error;  ///< the exit reason, if it is an exception
  /// The messages of those who are to be told when the actor ends, who are their senders: so that
  /// telling them takes no memory.
  envelope* first_watcher = nullptr;
  envelope* last_watcher = nullptr;
  std::size_t watcher_count = 0;
  std::size_t most_watchers = 4;  ///< before those that have ended themselves are looked for
  /// For some dozens of watchers or more; none where there was no memory for it.
  std::unique_ptr<watcher_index> index;
};

class control_block : public task {
 public:
  // Owner.
  bool front_is_spent = false;  ///< the mailbox's front has been handled, but could not be unlinked
  bool current_is_linked = false;  ///< `current` is still the mailbox's front
  exit_reason::kind end_kind = exit_reason::kind::normal;
  std::uint32_t received_in_a_row = 0;  ///< receives since others of the worker last had a turn
  envelope* current = nullptr;          ///< the message being handled
  envelope* stash_first = nullptr;      ///< user messages that a selective receive has passed over
  envelope* stash_last = nullptr;
  void* behavior = nullptr;       ///< in `storage` when it fits, else on the heap
  atomic<extras*> more{nullptr};  ///< deleted under extras_lock(), which readers elsewhere hold

  static constexpr std::size_t storage_size = 24;
  alignas(void*) std::byte storage[storage_size];

  /// Owner. The life that runs, or else, until the next one, the one that has ended: what handles
  /// to the actor hold.
  std::uint32_t life() const noexcept {
    const std::uint32_t present = generation.load_relaxed();  // own
    return present - (present % 2 == 0 ? 1 : 0);
  }
  const behavior_type& kind() const noexcept {
    return static_cast<const behavior_type&>(*type.load_relaxed());
  }
  /// At the start of a life: reports from other threads find the name complete or not at all.
  void set_name(const std::string& name) {
    auto named = std::make_unique<extras>();
    named->name = name;
    more.store_release(named.release());  // pairs with the reports' load_acquire
  }
  /// Those there are, or else `room`, which it takes.
  extras& get_extras(std::unique_ptr<extras>& room) noexcept {
    extras* present = more.load_relaxed();  // written by the owner alone
    if (present == nullptr) {
      present = room.release();
      more.store_release(present);  // pairs with the reports' load_acquire
    }
    return *present;
  }
};
static_assert(sizeof(control_block) == 3 * cache_line);

/// The actor whose behavior runs on the calling thread; nullptr when none does.
control_block* current_actor() noexcept;

}  // namespace troupe::detail
