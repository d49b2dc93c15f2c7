// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/run.hpp>

#include <support/effort.hpp>
#include <preempt/torture/kinds.hpp>
#include <preempt/torture/outcome.hpp>
#include <preempt/torture/report.hpp>
#include <preempt/torture/stage.hpp>
#include <preempt/torture/toiler.hpp>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <utility>

namespace troupe::torture {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// How long nothing may move before a run counts as stuck.
constexpr std::chrono::seconds patience = 60s * static_cast<int>(test::slowdown);

/// A connection of each toiler has two ends, and each may have a pipe.
void provide_descriptors(std::size_t actors) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = 200 + 4 * static_cast<rlim_t>(actors);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

system_options options_of(const plan& p, stage& shared) {
  system_options o;
  o.workers = p.workers;
  o.stack_size = std::size_t{1} << 20U;
  o.on_failure = [&shared](const failure& f) {
    shared.fail("actor " + f.name + " (" + f.type + ") was ended by an exception: " + f.what);
  };
  // What comes too late for one who asked with little patience is to be expected, nothing else.
  o.on_dead_letter = [&shared](const dead_letter& d) {
    if (d.why != dead_letter::cause::late_answer && !shared.failed()) {
      shared.fail("a message of type " + d.message_type + " was not delivered");
    }
  };
  o.preempt.fresh_quantum = p.quantum;
  o.preempt.batch_quantum = 4 * p.quantum;
  o.preempt.max_carriers = p.max_carriers;
  o.preempt.source = p.source;
  o.preempt.mode = p.mode;
  return o;
}

any_ref start_actors(system& sys, stage& shared) {
  auto listener = io::tcp_listener::bind("127.0.0.1", 0);
  shared.echo_port = listener.local_endpoint().port();
  const any_ref server = sys.spawn(spawn_options{.name = "echo server"}, echo, std::move(listener));
  for (std::size_t i = 0; i < shared.planned().actors; ++i) {
    shared.partners.push_back(
        sys.spawn<partner>(spawn_options{.name = "partner " + std::to_string(i)}));
    shared.toilers.push_back(
        sys.spawn(spawn_options{.name = "toiler " + std::to_string(i)}, toil, &shared, i));
  }
  for (const any_ref& t : shared.toilers) t.send(start{});
  return server;
}

/// Until all toilers have ended, or nothing moves any more.
void watch(const system& sys, stage& shared) {
  const auto begun = steady_clock::now();
  auto next_line = begun + 10s;
  auto last_movement = begun;
  std::uint64_t movement = 0;
  while (shared.ended.load(std::memory_order_acquire) < shared.toilers.size()) {
    std::this_thread::sleep_for(20ms);
    const auto now = steady_clock::now();
    if (now - begun >= shared.planned().length) shared.end();
    if (now >= next_line) {
      print_progress(shared, sys, now - begun);
      next_line += 10s;
    }
    if (const auto moved = shared.movement(); moved != movement) {
      movement = moved;
      last_movement = now;
    } else if (now - last_movement > patience) {
      report_stuck(shared, sys, now - last_movement);
    }
  }
}

void perform(stage& shared) {
  system sys(options_of(shared.planned(), shared));
  const any_ref server = start_actors(sys, shared);
  watch(sys, shared);
  print_statistics(sys);
  check_outcome(shared, sys.preemption());
  server.kill();
  if (!sys.shutdown(patience).clean()) report_stuck(shared, sys, patience);
}

void end_kinds(stage& shared) {
  for (const kind& k : kinds()) {
    if (k.end == nullptr) continue;
    try {
      k.end(shared);
    } catch (const std::exception& e) {
      shared.fail(std::string(k.name) + ", at the end: " + e.what());
    }
  }
}

}  // namespace

bool run(const plan& p) {
  provide_descriptors(p.actors);
  for (const kind& k : kinds()) {
    if (k.begin != nullptr) k.begin();
  }
  stage shared(p);
  try {
    perform(shared);
  } catch (const std::exception& e) {
    shared.fail(e.what());
  }
  end_kinds(shared);
  print_totals(shared);
  return !shared.failed();
}

}  // namespace troupe::torture
