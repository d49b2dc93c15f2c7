// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A process for a debugger to look at: one actor in each state that script/gdb can show. Prints
// `ready` once all of them have got there, and ends (by abort() if the argument says so) when stdin
// does.
//
// usage: gdb_subject [abort | signal] [IDLE-ACTORS]      (signal: preempts by SIGRTMIN + 10)
#include <troupe/scheduler/generator.hpp>
#include <troupe/troupe.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace subject {

using namespace std::chrono_literals;

struct hit {};
struct fetch {};
struct question {};
struct never_sent {};

std::atomic<int> arrived{0};
std::atomic<int> visits{0};
int never_written[2];  // pipes
int written_once[2];

void expect(bool truth) {
  if (!truth) std::abort();
}

// --- handler style

struct counter : troupe::actor<void(hit), int(fetch)> {
  int n = 0;
  void on(hit) { ++n; }
  int on(fetch) { return n; }
};

/// Too large for its control block, and nameless.
struct large : troupe::actor<void(hit)> {
  char ballast[100] = {};
  void on(hit) {}
};

[[gnu::noinline]] int relay_question(const troupe::context& self,
                                     const troupe::actor_ref<int(question)>& to) {
  ++arrived;
  const int answer = troupe::context(self).ask(to, question{});
  ++visits;
  return answer;
}

/// Waits for an answer in the middle of a handler.
struct relay : troupe::actor<void(hit)> {
  explicit relay(troupe::actor_ref<int(question)> to) : to_(to) {}
  void on(hit) { relay_question(self(), to_); }

 private:
  troupe::actor_ref<int(question)> to_;
};

// --- direct style

/// Receives at the bottom of `depth` calls.
[[gnu::noinline]] void read_at_depth(troupe::context& self, int depth) {
  if (depth > 0) {
    read_at_depth(self, depth - 1);
  } else {
    ++arrived;
    self.receive([](hit) {});
  }
  ++visits;
}

[[gnu::noinline]] void inner_question(troupe::context& self, troupe::actor_ref<int(question)> to) {
  ++arrived;
  visits += self.ask(to, question{});
}
[[gnu::noinline]] void outer_question(troupe::context& self, troupe::actor_ref<int(question)> to) {
  inner_question(self, to);
  ++visits;
}

[[gnu::noinline]] void take_a_nap(troupe::context& self) {
  ++arrived;
  self.sleep_for(24h);
  ++visits;
}

/// Waits on the stack of a generator that it iterates.
[[gnu::noinline]] void wait_in_sequence(troupe::context& self,
                                        troupe::generator<int>::yielder& yield) {
  yield(1);
  ++arrived;
  self.receive([](hit) {});
  yield(2);
}
[[gnu::noinline]] void iterate_sequence(troupe::context& self) {
  troupe::generator<int> sequence(
      [&self](troupe::generator<int>::yielder& yield) { wait_in_sequence(self, yield); });
  for (const int value : sequence) visits += value;
}

/// Leaves the two questions that it is asked in its mailbox.
[[gnu::noinline]] void ignore_questions(troupe::context& self) {
  ++arrived;
  self.receive([](never_sent) {});
  ++visits;
}

[[gnu::noinline]] void yield_for_ever(troupe::context& self) {
  ++arrived;
  for (;;) {
    ++visits;
    self.yield();
  }
}

[[gnu::noinline]] void block_in_read() {
  ++arrived;
  char byte = 0;
  expect(::read(never_written[0], &byte, 1) >= 0);
  ++visits;
}

// --- preempted

/// Loses its worker whenever its quantum is over.
[[gnu::noinline]] void spin_for_ever() {
  ++arrived;
  for (volatile unsigned turns = 0;;) turns = turns + 1;
}

/// The same in a handler.
struct spinner : troupe::actor<void(hit)> {
  void on(hit) { spin_for_ever(); }
};

/// The same within a generator that it iterates.
[[gnu::noinline]] void iterate_spinning() {
  troupe::generator<int> sequence([](troupe::generator<int>::yielder& yield) {
    yield(1);
    spin_for_ever();
  });
  for (const int value : sequence) visits += value;
}

/// Wants its worker back after a call that has blocked.
[[gnu::noinline]] void return_from_read(troupe::context& self) {
  ++arrived;
  char byte = 0;
  expect(::read(written_once[0], &byte, 1) == 1);
  self.yield();
  ++visits;
}

/// Holds its worker while it blocks.
[[gnu::noinline]] void keep_worker() {
  const troupe::no_preempt guard;
  block_in_read();
}

void await_arrivals(int wanted) {
  while (arrived.load() < wanted) std::this_thread::sleep_for(1ms);
}

/// One worker, which all actors have left when it answers after the last arrival.
void start_waiting(troupe::system& sys, int idle_actors) {
  const auto hits = sys.spawn<counter>(troupe::spawn_options{.name = "hits"});
  sys.spawn<large>();
  for (int i = 0; i < idle_actors; ++i) sys.spawn<counter>();
  const auto silent =
      sys.spawn<int(question)>(troupe::spawn_options{.name = "silent"},
                               [](troupe::context& self) { ignore_questions(self); });
  await_arrivals(1);
  sys.spawn<relay>(troupe::spawn_options{.name = "relay"}, silent).send(hit{});
  sys.spawn(troupe::spawn_options{.name = "reader"},
            [](troupe::context& self) { read_at_depth(self, 3); });
  sys.spawn(troupe::spawn_options{.name = "own-stack", .stack_size = 64 * 1024},
            [](troupe::context& self) { read_at_depth(self, 0); });
  sys.spawn(troupe::spawn_options{.name = "asker"},
            [silent](troupe::context& self) { outer_question(self, silent); });
  sys.spawn(troupe::spawn_options{.name = "sleeper"}, &take_a_nap);
  sys.spawn(troupe::spawn_options{.name = "iterating, and with a long name"}, &iterate_sequence);
  await_arrivals(7);
  hits.send(hit{});
  expect(sys.ask(hits, fetch{}) == 1);
}

template <class Reached>
void await(Reached reached) {
  while (!reached()) std::this_thread::sleep_for(1ms);
}

/// One worker, on which three actors take turns, and which a fourth one has left.
void start_preempted(troupe::system& sys) {
  const int before = arrived.load();
  sys.spawn(troupe::spawn_options{.name = "unbound"}, [](troupe::context&) { block_in_read(); });
  sys.spawn(troupe::spawn_options{.name = "spinning-body"},
            [](troupe::context&) { spin_for_ever(); });
  sys.spawn<spinner>(troupe::spawn_options{.name = "spinning-handler"}).send(hit{});
  sys.spawn(troupe::spawn_options{.name = "spinning-generator"},
            [](troupe::context&) { iterate_spinning(); });
  await_arrivals(before + 4);
  await([&sys] { return sys.preemption().carriers.unbound == 1; });
}

/// One worker, which an actor keeps while another one wants it back.
void start_returning(troupe::system& sys) {
  const int before = arrived.load();
  sys.spawn(troupe::spawn_options{.name = "returning"}, &return_from_read);
  await([&sys] { return sys.preemption().carriers.unbound == 1; });
  sys.spawn(troupe::spawn_options{.name = "keeper"}, [](troupe::context&) { keep_worker(); });
  await_arrivals(before + 2);
  expect(::write(written_once[1], "", 1) == 1);
  await([&sys] { return sys.preemption().carriers.returning == 1; });
}

/// One worker, which an actor never gives back, and cannot lose.
void start_blocked(troupe::system& sys) {
  const auto backlog = sys.spawn<counter>(troupe::spawn_options{.name = "backlog"});
  sys.spawn(troupe::spawn_options{.name = "yielder"}, &yield_for_ever);
  await_arrivals(8);
  sys.spawn(troupe::spawn_options{.name = "blocker"}, [](troupe::context&) { block_in_read(); });
  await_arrivals(9);
  for (int i = 0; i < 3; ++i) backlog.send(hit{});
  sys.spawn(troupe::spawn_options{.name = "not-started", .stack_size = 64 * 1024},
            [](troupe::context& self) { self.receive([](hit) {}); });
}

/// A place for a breakpoint.
[[noreturn, gnu::noinline]] void leave() { std::_Exit(0); }

}  // namespace subject

int main(int argc, char** argv) {
  const std::string argument = argc > 1 ? argv[1] : "";
  const bool aborts = argument == "abort";
  const int idle_actors = std::atoi(argument.c_str());
  const int signal = argument == "signal" ? SIGRTMIN + 10 : 0;
  subject::expect(::pipe(subject::never_written) == 0 && ::pipe(subject::written_once) == 0);
  ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);  // fails harmlessly where there is no Yama
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (aborts) ::setrlimit(RLIMIT_CORE, &unlimited);

  troupe::system waiting({.workers = 1});
  troupe::system blocked({.workers = 1, .preempt = {.mode = troupe::preemption::off}});
  troupe::system preempted({.workers = 1, .preempt = {.signal = signal}});
  troupe::system returning({.workers = 1, .preempt = {.signal = signal}});
  subject::start_waiting(waiting, idle_actors);
  subject::start_blocked(blocked);
  subject::start_returning(returning);
  subject::start_preempted(preempted);
  std::puts("ready");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  if (aborts) std::abort();
  subject::leave();
}
