// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// How workers park: scheduler/internal/idle_set.hpp, injector.hpp and the inbox, used as steal.cpp,
// scheduler.cpp and timer.cpp use them. What must hold: no worker sleeps while there is work that
// only it can do, and not all that could do some work sleep.
#include <troupe/mailbox/detail/mpsc_queue.hpp>
#include <troupe/scheduler/internal/idle_set.hpp>
#include <troupe/scheduler/internal/injector.hpp>
#include <troupe/scheduler/internal/run_ring.hpp>

#include <model/weakening.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace troupe::detail {

/// What the idle set hands out: here a worker is no more than what it sleeps on.
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
using detail::run_ring;
using detail::worker;

/// Ways to get the protocol wrong.
enum class fault {
  none,
  parks_without_a_last_look,
  looks_before_it_parks,
  looks_after_its_own_ring_only,  ///< the last searcher that finds work wakes nobody for the rest
  looks_at_the_inbox_links,
  posts_after_the_look,
};

struct task {
  task* run_link = nullptr;
  plain<unsigned> made;
  plain<unsigned> ran;
};

/// Foreign threads inject tasks; workers run them. The first task blocks its worker until all
/// others have run: while a worker is free, every task must find it.
template <unsigned Workers, unsigned Foreign, unsigned Tasks, fault Fault = fault::none>
struct injection : rl::test_suite<injection<Workers, Foreign, Tasks, Fault>, Workers + Foreign> {
  using ring = run_ring<task, 2>;

  idle_set idle{Workers};
  std::unique_ptr<injector<task>> injected;  // on the heap, which aligns it as it asks
  std::array<worker, Workers> workers;
  std::array<std::unique_ptr<ring>, Workers> rings;  // likewise
  std::array<std::array<task, Tasks>, Foreign> tasks;
  atomic<unsigned> done{0};
  atomic<bool> stopping{false};

  static constexpr unsigned all = Foreign * Tasks;

  void before() {
    injected = std::make_unique<injector<task>>();
    for (auto& each : rings) each = std::make_unique<ring>();
  }

  void thread(unsigned me) {
    if (me < Workers) {
      while (task* const t = search(me)) run(*t);
    } else {
      for (task& each : tasks[me - Workers]) {
        each.made = 1;
        inject(each);
      }
      if (me == Workers) stop();
    }
  }

  void run(task& t) {
    require(t.made == 1, "not published");
    t.ran = t.ran + 1;
    if (Workers > 1 && &t == &tasks[0][0]) wait_until(all - 1);
    done.fetch_add_acq_rel(1);
    done.notify_all();
  }
  void stop() {
    wait_until(all);
    stopping.store_seq_cst(true);
    for (worker& w : workers) w.wake();
  }
  void wait_until(unsigned count) {
    for (unsigned seen = done.load_acquire(); seen < count; seen = done.load_acquire()) {
      done.wait_acquire(seen);
    }
  }

  /// scheduler::inject() and wake_one().
  void inject(task& t) {
    injected->push(&t);
    if (idle.worth_waking()) wake_one();
  }
  void wake_one() {
    if (worker* const w = idle.take_one()) w->wake();
  }

  /// worker::search().
  task* search(unsigned me) {
    bool searching = false;
    for (;;) {
      if (task* const t = take_injected(me)) push_ring(me, *t);
      task* t = rings[me]->pop();
      if (t == nullptr) {
        if (stopping.load_seq_cst()) {
          if (searching) idle.end_search();
          return nullptr;
        }
        if (!searching) searching = idle.begin_search();
        if (searching) t = steal_once(me);
      }
      if (searching) {
        searching = false;
        if (idle.end_search() && t != nullptr && leaves_work(me)) wake_one();
      }
      if (t != nullptr) return t;
      searching = park(workers[me]);
    }
  }
  bool leaves_work(unsigned me) {
    return Fault == fault::looks_after_its_own_ring_only ? !rings[me]->empty() : work_in_sight();
  }
  task* steal_once(unsigned me) {
    for (unsigned i = 0; i < Workers; ++i) {
      if (i == me || rings[i]->empty()) continue;
      if (task* const t = rings[i]->steal(*rings[me])) return t;
    }
    return take_injected(me);
  }
  task* take_injected(unsigned me) {
    const std::size_t waiting = injected->size();
    if (waiting == 0) return nullptr;
    std::array<task*, 2> taken{};
    const std::size_t share = std::clamp<std::size_t>(waiting / Workers, 1, taken.size());
    const std::size_t count = injected->pop(taken.data(), share);
    for (std::size_t i = 1; i < count; ++i) push_ring(me, *taken[i]);
    return taken[0];
  }
  void push_ring(unsigned me, task& t) {
    require(rings[me]->try_push(&t), "full");
    if (idle.worth_waking()) wake_one();
  }

  /// worker::park_until_news(). True: counted as a searcher.
  bool park(worker& w) {
    const bool seen_before = Fault == fault::looks_before_it_parks && work_in_sight();
    idle.add(w);
    const bool seen = Fault == fault::parks_without_a_last_look ? false
                      : Fault == fault::looks_before_it_parks   ? seen_before
                                                                : work_in_sight();
    if (!seen && !stopping.load_seq_cst()) {
      w.wait();
    } else {
      detail::spin_pause();  // what is in sight may be another searcher's: let it go on
    }
    return !idle.remove(w);
  }
  bool work_in_sight() {
    if (injected->size() != 0) return true;
    return std::any_of(rings.begin(), rings.end(), [](const auto& r) { return !r->empty(); });
  }

  void after() {
    for (const auto& row : tasks) {
      for (const task& each : row) require(each.ran == 1, "lost or run twice");
    }
    require(!idle.worth_waking() && idle.begin_search(), "the counts are off");
    for (auto& each : rings) each.reset();
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
    return Fault == fault::looks_at_the_inbox_links ? queue.front() != nullptr : queue.has_pushed();
  }
};

TEST(ParkModel, RunsEveryTaskThatIsInjected) {
  EXPECT_TRUE((holds<injection<1, 1, 2>>(up_to_switches(3))));
  EXPECT_TRUE((holds<injection<1, 2, 1>>(up_to_switches(2))));
}
TEST(ParkModel, WakesAWorkerForEveryTaskWhileOneIsFree) {
  EXPECT_TRUE((holds<injection<2, 1, 2>>(up_to_switches(1))));
  EXPECT_TRUE((holds<injection<2, 1, 2>>(random_schedules(20'000))));
  EXPECT_TRUE((holds<injection<2, 1, 3>>(random_schedules(20'000))));
}
TEST(ParkModel, WakesTheOwnerOfAnInbox) {
  EXPECT_TRUE(holds<inbox<1>>(up_to_switches(5)));
  EXPECT_TRUE(holds<inbox<2>>(up_to_switches(4)));
}
TEST(ParkModel, NoticesAWrongProtocol) {
  EXPECT_TRUE((fails<injection<1, 1, 1, fault::parks_without_a_last_look>>(up_to_switches(2))));
  EXPECT_TRUE((fails<injection<1, 1, 1, fault::looks_before_it_parks>>(up_to_switches(2))));
  EXPECT_TRUE(
      (fails<injection<2, 1, 2, fault::looks_after_its_own_ring_only>>(random_schedules(20'000))));
  EXPECT_TRUE((fails<inbox<1, fault::parks_without_a_last_look>>(up_to_switches(3))));
  EXPECT_TRUE((fails<inbox<1, fault::looks_at_the_inbox_links>>(up_to_switches(3))));
  EXPECT_TRUE((fails<inbox<1, fault::posts_after_the_look>>(up_to_switches(3))));
}

}  // namespace
}  // namespace troupe::model
