// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// How workers park: scheduler/internal/idle_set.hpp, injector.hpp and the inbox, used as steal.cpp,
// scheduler.cpp and timer.cpp use them. What must hold: no worker sleeps while there is work that
// only it can do, and not all that could do some work sleep.
#include <troupe/mailbox/detail/mpsc_queue.hpp>
#include <troupe/scheduler/internal/idle_set.hpp>
#include <troupe/scheduler/internal/injector.hpp>

#include <model/weakening.hpp>

#include <array>

namespace troupe::detail {

/// What the idle set hands out: here a worker is no more than what it sleeps on, as futex_poller.
class worker {
 public:
  void wake() {
    if (woken_.exchange_release(1) == 0) woken_.notify_one();
  }
  void wait() {
    while (woken_.exchange_acquire(0) == 0) woken_.wait_acquire(0);
  }

 private:
  atomic<int> woken_{0};
};

}  // namespace troupe::detail

namespace troupe::model {
namespace {

using detail::atomic;
using detail::idle_set;
using detail::injector;
using detail::mpsc_queue;
using detail::plain;
using detail::queue_node;
using detail::worker;

/// Ways to get the protocol wrong.
enum class fault {
  none,
  parks_without_a_last_look,
  looks_before_it_parks,
  leaves_without_a_word,  ///< the last searcher finds work, and wakes nobody for what is left
  looks_at_the_inbox_links,
  posts_after_the_look,
};

struct task {
  task* run_link = nullptr;
  plain<unsigned> made;
  plain<unsigned> ran;
};

/// Foreign threads inject tasks; workers run them. The first task blocks its worker until all others
/// have run: as long as a worker is free, every task must find one.
template <unsigned Workers, unsigned Foreign, unsigned Tasks, fault Fault = fault::none>
struct injection
    : rl::test_suite<injection<Workers, Foreign, Tasks, Fault>, Workers + Foreign> {
  idle_set idle{Workers};
  injector<task> injected;
  std::array<worker, Workers> workers;
  std::array<std::array<task, Tasks>, Foreign> tasks;
  atomic<unsigned> done{0};
  atomic<bool> stopping{false};

  static constexpr unsigned all = Foreign * Tasks;

  void thread(unsigned me) {
    if (me < Workers) {
      while (task* const t = search(me)) run(*t);
    } else {
      for (task& each : tasks[me - Workers]) {
        each.made = 1;
        inject(each);
      }
      if (me != Workers) return;
      wait_until(all);
      stopping.store_seq_cst(true);
      for (worker& w : workers) w.wake();
    }
  }

  void run(task& t) {
    require(t.made == 1, "not published");
    t.ran = t.ran + 1;
    if (Workers > 1 && &t == &tasks[0][0]) wait_until(all - 1);
    done.fetch_add_acq_rel(1);
    done.notify_all();
  }
  void wait_until(unsigned count) {
    for (unsigned seen = done.load_acquire(); seen < count; seen = done.load_acquire()) {
      done.wait_acquire(seen);
    }
  }

  /// scheduler::inject() and wake_one().
  void inject(task& t) {
    injected.push(&t);
    if (idle.worth_waking()) wake_one();
  }
  void wake_one() {
    if (worker* const w = idle.take_one()) w->wake();
  }

  /// worker::search(): without rings of their own, all there is to steal is what was injected.
  task* search(unsigned me) {
    bool searching = false;
    for (;;) {
      task* t = take_injected();
      if (t == nullptr) {
        if (stopping.load_seq_cst()) {
          if (searching) idle.end_search();  // not in steal.cpp: nobody counts any more
          return nullptr;
        }
        if (!searching) searching = idle.begin_search();
        if (searching) t = take_injected();
      }
      if (searching) {
        searching = false;
        if (idle.end_search() && t != nullptr && leaves_work()) wake_one();
      }
      if (t != nullptr) return t;
      searching = park(workers[me]);
    }
  }
  bool leaves_work() {
    return Fault != fault::leaves_without_a_word && injected.size() != 0;
  }
  task* take_injected() {
    task* t = nullptr;
    return injected.empty() || injected.pop(&t, 1) == 0 ? nullptr : t;
  }

  /// worker::park_until_news(). True: counted as a searcher.
  bool park(worker& w) {
    const bool seen_before = Fault == fault::looks_before_it_parks && work_in_sight();
    idle.add(w);
    const bool seen = Fault == fault::parks_without_a_last_look ? false
                      : Fault == fault::looks_before_it_parks  ? seen_before
                                                               : work_in_sight();
    if (!seen && !stopping.load_seq_cst()) w.wait();
    return !idle.remove(w);
  }
  bool work_in_sight() { return injected.size() != 0; }

  void after() {
    for (const auto& row : tasks) {
      for (const task& each : row) require(each.ran == 1, "lost or run twice");
    }
    require(!idle.worth_waking() && idle.begin_search(), "the counts are off");
  }
};

/// Other threads post to a worker's inbox; it parks between its looks.
template <unsigned Posters, fault Fault = fault::none>
struct inbox : rl::test_suite<inbox<Posters, Fault>, 1 + Posters> {
  struct entry : queue_node {
    plain<unsigned> posted;
  };
  mpsc_queue queue;
  worker owner;
  atomic<bool> parked{false};
  std::array<entry, Posters> entries;

  void thread(unsigned me) {
    if (me == 0) {
      for (unsigned taken = 0; taken < Posters;) {
        taken += drain();
        if (taken < Posters) park();
      }
    } else {
      post(entries[me - 1]);
    }
  }

  /// worker::post_to_inbox().
  void post(entry& e) {
    e.posted = 1;
    if (Fault == fault::posts_after_the_look) {
      const bool sleeps = parked.load_seq_cst();
      static_cast<void>(queue.push(e));
      if (sleeps) owner.wake();
      return;
    }
    static_cast<void>(queue.push(e));
    if (parked.load_seq_cst()) owner.wake();
  }

  /// worker::drain_inbox().
  unsigned drain() {
    unsigned taken = 0;
    while (queue_node* const node = queue.front()) {
      if (queue.unlink_front() == mpsc_queue::unlinked::stalled) break;
      require(static_cast<entry*>(node)->posted == 1, "not published");
      ++taken;
    }
    return taken;
  }

  /// worker::park_until_news().
  void park() {
    parked.store_seq_cst(true);
    if (Fault == fault::parks_without_a_last_look || !news()) owner.wait();
    parked.store_relaxed(false);
    detail::spin_pause();
  }
  bool news() {
    return Fault == fault::looks_at_the_inbox_links ? queue.front() != nullptr
                                                    : queue.has_pushed();
  }
};

TEST(ParkModel, RunsEveryTaskThatIsInjected) {
  EXPECT_TRUE((holds<injection<1, 1, 2>>(up_to_switches(3))));
  EXPECT_TRUE((holds<injection<1, 2, 1>>(up_to_switches(3))));
}
TEST(ParkModel, WakesAWorkerForEveryTaskWhileOneIsFree) {
  EXPECT_TRUE((holds<injection<2, 1, 2>>(up_to_switches(2))));
  EXPECT_TRUE((holds<injection<2, 1, 3>>(random_schedules(100'000))));
}
TEST(ParkModel, WakesTheOwnerOfAnInbox) {
  EXPECT_TRUE(holds<inbox<1>>(up_to_switches(5)));
  EXPECT_TRUE(holds<inbox<2>>(up_to_switches(4)));
}
TEST(ParkModel, NoticesAWrongProtocol) {
  EXPECT_TRUE((fails<injection<1, 1, 1, fault::parks_without_a_last_look>>(up_to_switches(2))));
  EXPECT_TRUE((fails<injection<1, 1, 1, fault::looks_before_it_parks>>(up_to_switches(2))));
  EXPECT_TRUE((fails<injection<2, 1, 2, fault::leaves_without_a_word>>(random_schedules(100'000))));
  EXPECT_TRUE((fails<inbox<1, fault::parks_without_a_last_look>>(up_to_switches(3))));
  EXPECT_TRUE((fails<inbox<1, fault::looks_at_the_inbox_links>>(up_to_switches(3))));
  EXPECT_TRUE((fails<inbox<1, fault::posts_after_the_look>>(up_to_switches(3))));
}

}  // namespace
}  // namespace troupe::model
