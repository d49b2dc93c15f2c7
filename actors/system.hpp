// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/actor_statistics.hpp>
#include <troupe/actors/job.hpp>
#include <troupe/actors/options.hpp>
#include <troupe/io/reactor_ref.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace troupe {

/// A set of workers and the actors that run on them. Several systems may live in one process; there
/// is no global one. All functions may be called from any thread, except where said otherwise.
class system {
 public:
  /// Starts the workers. **Errors** std::invalid_argument names a field that is out of range;
  /// std::logic_error when the program handles or ignores the preemption signal itself;
  /// std::system_error names the limit when memory or threads run out.
  explicit system(system_options options = {});

  /// shutdown() with the options' deadline. Actors that have not ended by then are named on stderr,
  /// and waited for: their code runs in this process and cannot be taken away from under them. Not
  /// from a behavior of this system.
  ~system();

  system(const system&) = delete;
  system& operator=(const system&) = delete;

  /// Starts an actor in handler style: `spawn<counter>(arguments...)` or
  /// `spawn<counter>(spawn_options{.name = "hits"}, arguments...)`. Its class is constructed on the
  /// calling thread. **Suspends** never. **Errors** what the constructor throws; std::system_error
  /// with errc::stopping during a shutdown, or naming the limit that was hit; std::invalid_argument
  /// for a bad option.
  template <class Actor, class... Args>
  requires detail::handler_style<Actor> ref_of<Actor> spawn(Args&&... args) {
    return detail::spawn_handler<Actor>(*core_, std::forward<Args>(args)...);
  }

  /// Starts an actor in direct style: `spawn(body, arguments...)`, where `body(context&,
  /// arguments...)` runs as the actor, and the actor ends when it returns. Body and arguments are
  /// copied or moved into the actor. With signatures, `spawn<void(ping), int(get)>(body)`, the
  /// handle is typed by them; else it is an any_ref. A spawn_options may come first. **Suspends**,
  /// **Errors** as above.
  template <class... Signatures, class First, class... Rest>
  requires(detail::message_signature<Signatures>&&...) auto spawn(First&& first, Rest&&... rest) {
    return detail::spawn_direct<Signatures...>(*core_, std::forward<First>(first),
                                               std::forward<Rest>(rest)...);
  }

  /// Sends a request and blocks the calling thread until it is answered. In a behavior, use
  /// context::ask, which does not block the worker; std::logic_error otherwise. **Errors**
  /// std::system_error: errc::timeout, actor_down, actor_failed, no_handler, mailbox_full (by the
  /// policy of a bounded mailbox), stopping; or naming
  /// the limit when memory runs out.
  template <class... Signatures, class Message>
  auto ask(const actor_ref<Signatures...>& to, Message&& message,
           time_span timeout = std::chrono::nanoseconds::max()) {
    using result = detail::result_of<std::remove_cvref_t<Message>, Signatures...>;
    std::error_code error;
    auto outcome = ask(to, std::forward<Message>(message), timeout, error);
    return detail::value_or_throw<result>(std::move(outcome), error, to);
  }
  /// As above; errors go to `error`, and the result is a std::optional (for void: bool). That
  /// memory runs out is an exception here, too.
  template <class... Signatures, class Message>
  auto ask(const actor_ref<Signatures...>& to, Message&& message, time_span timeout,
           std::error_code& error) {
    using plain = std::remove_cvref_t<Message>;
    static_assert(detail::handles<plain, Signatures...>,
                  "troupe: the actor behind this actor_ref has no signature for this message type");
    return ask_from_outside<detail::result_of<plain, Signatures...>>(
        any_ref(to), plain(std::forward<Message>(message)), timeout, error);
  }
  /// For a dynamic handle the result type must be named: `sys.ask<int>(ref, get{})`. An answer of
  /// another type is errc::no_answer.
  template <class Result, class Message>
  Result ask(const any_ref& to, Message&& message,
             time_span timeout = std::chrono::nanoseconds::max()) {
    std::error_code error;
    auto outcome = ask<Result>(to, std::forward<Message>(message), timeout, error);
    return detail::value_or_throw<Result>(std::move(outcome), error, to);
  }
  template <class Result, class Message>
  detail::asked<Result> ask(const any_ref& to, Message&& message, time_span timeout,
                            std::error_code& error) {
    using plain = std::remove_cvref_t<Message>;
    return ask_from_outside<Result>(to, plain(std::forward<Message>(message)), timeout, error);
  }

  /// Sends `message` after `delay` (never earlier, usually within 1 ms of it), by a timer of this
  /// system; a message that is still waiting when the system is destroyed is discarded. The sender
  /// is the actor that calls, if one does; see also context::send_after. **Suspends** never.
  /// **Errors** as any_ref::send.
  template <class Message>
  timer send_after(time_span delay, const any_ref& to, Message&& message) {
    using plain = std::remove_cvref_t<Message>;
    return timer(detail::post_later(*core_, to.block(), to.generation(),
                                    detail::deadline_from_now(delay),
                                    *detail::make_envelope<plain>(std::forward<Message>(message))));
  }
  template <class... Signatures, class Message>
  timer send_after(time_span delay, const actor_ref<Signatures...>& to, Message&& message) {
    static_assert(detail::handles<std::remove_cvref_t<Message>, Signatures...>,
                  "troupe: the actor behind this actor_ref has no signature for this message type");
    return send_after(delay, any_ref(to), std::forward<Message>(message));
  }

  /// Blocks until no actor of this system is alive, and no job runs. Not from a behavior of this
  /// system.
  void await_actors();

  /// Asks all actors to end, refuses new ones (errc::stopping), and blocks until all of them, and
  /// all jobs, have ended or the deadline passes; then the report names those that have not.
  /// Messages that are still queued become dead letters. May be called again. Not from a behavior
  /// of this system.
  shutdown_report shutdown(time_span deadline);

  /// How many workers there are: system_options::workers, or what 0 stands for. Constant.
  std::size_t worker_count() const noexcept;
  /// The reactor of worker number `worker`, from 0. **Errors** std::out_of_range.
  io::reactor_ref reactor(std::size_t worker) const;
  /// Actors that live. A moment's truth.
  std::size_t actor_count() const noexcept;
  /// Messages that could not be delivered so far.
  std::uint64_t dead_letter_count() const noexcept;
  /// What the system was made with; where 0 stood for a number (workers, preempt.max_carriers),
  /// that number. Constant.
  const system_options& options() const noexcept;
  /// What preemption has done so far, and where the carriers are.
  preemption_statistics preemption() const noexcept;
  /// Those that live, each at the moment when it was looked at: others come, go and change
  /// meanwhile. Looking holds none of them up. It takes some 100 ns for each actor that the process
  /// has had at a time. Their counts never add up to more than what preemption()
  /// says afterwards.
  std::vector<actor_statistics> actors() const;

  /// Jobs for plain threads; see job.hpp for those started by behaviors.
  template <class F>
  void run(F&& job, counter& done) {
    detail::start_job(*core_, std::forward<F>(job), &done);
  }
  template <class F>
  void run(F&& job) {
    detail::start_job(*core_, std::forward<F>(job), nullptr);
  }
  template <class F>
  void run_many(std::size_t n, F job, counter& done) {
    detail::start_jobs(*core_, n, std::move(job), done);
  }
  template <detail::range_of_jobs Jobs>
  void run_many(Jobs&& jobs, counter& done) {
    detail::start_each(*core_, jobs, done);
  }
  template <class Index, class F>
  void parallel_for(Index first, Index last, F body, std::size_t grain = 0) {
    detail::parallel_for(*core_, first, last, std::move(body), grain);
  }
  template <detail::random_access Range, class F>
  void parallel_for(Range&& range, F body, std::size_t grain = 0) {
    detail::parallel_for(*core_, std::begin(range), std::end(range), std::move(body), grain);
  }

  /// For the layers of the runtime.
  detail::system_core& core() noexcept { return *core_; }

 private:
  template <class Result, class Message>
  detail::asked<Result> ask_from_outside(any_ref to, Message message, time_span timeout,
                                         std::error_code& error);
  static void require_plain_thread();
  void require_outside() const;

  std::unique_ptr<detail::system_core> core_;
};

template <class Result, class Message>
detail::asked<Result> system::ask_from_outside(any_ref to, Message message, time_span timeout,
                                               std::error_code& error) {
  require_plain_thread();
  detail::require_actor(to.block());
  std::optional<detail::asked<Result>> outcome;
  // Shared with the helper: its notify may come after this thread has seen the flag and gone on.
  const auto done = std::make_shared<std::atomic<bool>>(false);
  struct finish_line {  // reached in every case, also when the helper is asked to end
    std::shared_ptr<std::atomic<bool>> done;
    ~finish_line() {
      done->store(true, std::memory_order_release);  // publishes outcome and error
      done->notify_one();
    }
  };
  error = errc::stopping;
  std::exception_ptr failed;
  const std::uint64_t deadline = detail::deadline_from_now(timeout);
  auto helper = [&, done](context& self) {
    const finish_line end{done};
    try {
      outcome.emplace(
          detail::ask_and_wait<Result>(self.block(), to, std::move(message), deadline, error));
    } catch (const actor_exit&) {
      throw;
    } catch (...) {
      failed = std::current_exception();
    }
  };
  try {
    static_cast<void>(spawn(spawn_options{.name = "system::ask"}, std::move(helper)));
  } catch (const std::system_error& e) {
    if (e.code() != errc::stopping) throw;  // its text names the limit
    error = e.code();
    return {};
  }
  done->wait(false, std::memory_order_acquire);
  if (failed != nullptr) std::rethrow_exception(failed);
  if (!outcome) return {};
  return std::move(*outcome);
}

}  // namespace troupe
