// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/detail/control_block.hpp>
#include <troupe/actors/detail/job_task.hpp>
#include <troupe/actors/options.hpp>
#include <troupe/base/spin_lock.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/mailbox/internal/envelope_reserve.hpp>
#include <troupe/scheduler/internal/gate.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

namespace troupe {
class system;
}

namespace troupe::detail {

/// Where control blocks come from; shared by all systems of the process.
depot& control_blocks() noexcept;
/// Where jobs come from.
depot& job_tasks() noexcept;

/// What a system is behind its public face.
class system_core final : public scheduler {
 public:
  system_core(troupe::system& face, system_options settings);
  ~system_core() override;

  troupe::system& face() noexcept { return face_; }
  const system_options& configuration() const noexcept { return settings_; }

  // Memory, from the calling worker's magazines where there are some. Within a section.
  control_block* take_block();
  void give_block(control_block& block) noexcept;
  job_task* take_job();
  void give_job(job_task& job) noexcept;

  // Lives. Any thread.
  /// False: the system is shutting down, and the life must not begin.
  [[nodiscard]] bool actor_begins() noexcept;
  void actor_ends() noexcept;
  /// A job is a life too, which shutdown waits for; but it is never refused: jobs that run may need
  /// it.
  void job_begins() noexcept;
  void job_ends() noexcept;
  std::size_t live_actors() const noexcept;
  void await_actors();
  shutdown_report shut_down(std::uint64_t deadline_ns);
  /// The same without a report: takes no memory.
  void end_all(std::uint64_t deadline_ns);
  std::vector<survivor> find_survivors() const;

  /// Counts and reports a message that was not delivered. Runs the user's hook: not in a section.
  void note_dead_letter(dead_letter::cause why, const envelope& e, const control_block& receiver);
  std::uint64_t dead_letters() const noexcept { return dead_letters_.load_relaxed(); }  // [count]

  /// Calls `f(control_block&, generation)` for each actor that lives here, and perhaps for some
  /// that end meanwhile. Any thread.
  template <class F>
  void for_each_actor(F f) const {
    control_blocks().for_each_slot([&](void* slot) {
      auto& block = *static_cast<control_block*>(slot);
      const std::uint32_t generation = block.generation.load_acquire();  // pairs with claim_block
      if (generation % 2 != 0 && block.home.load_relaxed() == this) f(block, generation);
    });
  }

 private:
  struct lives {
    atomic<std::uint64_t> begun{0};
    atomic<std::uint64_t> ended{0};  ///< [end] in system_core.cpp
  };
  /// A thread that waits for the last actor's end. No mutex: it may be a behavior of another
  /// system, frozen at any point outside sections, and who ends must not wait for that.
  struct end_waiter {
    gate door;
    end_waiter* next = nullptr;
  };
  /// One per worker, touched by whoever carries it; the last one is for all other
  /// threads, workers of other systems among them.
  struct alignas(cache_line) local {
    local() : blocks(control_blocks()), jobs(job_tasks()) {}
    magazine_cache blocks;
    magazine_cache jobs;
    lives of_actors;
    lives of_jobs;
    /// The worker has ended a life, and has not looked since then whether that was the last one.
    bool has_ended = false;
  };

  void note_idle(const worker& w) noexcept override;
  local* here() noexcept;
  local& counts() noexcept;
  void count_end(lives local::*kind) noexcept;
  std::size_t living(std::initializer_list<lives local::*> kinds) const noexcept;
  std::size_t live_jobs() const noexcept;
  bool nothing_lives() const noexcept;
  void tell_waiters() noexcept;
  void enlist(end_waiter& w) noexcept;
  void strike(end_waiter& w) noexcept;
  /// False: memory has run out, and not all of them have been asked.
  bool ask_all_to_end(bool memory_is_short) noexcept;
  bool await_actors_until(std::uint64_t deadline_ns);

  troupe::system& face_;
  const system_options settings_;
  const envelope_reserve for_the_end_;
  std::vector<std::unique_ptr<local>> locals_;
  atomic<std::uint64_t> dead_letters_{0};
  atomic<bool> refusing_{false};      // shutdown has begun
  atomic<std::uint32_t> waiting_{0};  // threads that want to hear of the last actor's end
  spin_lock end_lock_;                // guards the list of them
  end_waiter* waiters_ = nullptr;
};

/// Hands an exception that nobody handles to the system's hook, or to stderr.
void report_failure(system_core& core, const failure& f) noexcept;

}  // namespace troupe::detail
