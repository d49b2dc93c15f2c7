// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/outcome.hpp>

#include <preempt/torture/kinds.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::torture {
namespace {

using namespace std::chrono_literals;

void check_mail(stage& shared) {
  if (shared.parcels_sent != shared.parcels_received) shared.fail("a parcel was lost");
}

void check_toilers(stage& shared) {
  for (std::size_t i = 0; i < shared.records.size(); ++i) {
    if (shared.records[i].pieces == 0) {
      shared.fail("toiler " + std::to_string(i) + " has not done a single piece of work");
    }
  }
}

/// Each piece is drawn by itself: where 30 of a kind are to be expected, there is none in one run
/// of 10^13.
void check_kinds(stage& shared) {
  const auto& chosen = shared.planned().chosen;
  const std::uint64_t pieces = shared.pieces();
  for (std::size_t i = 0; i < kinds().size(); ++i) {
    const auto weight = static_cast<std::uint64_t>(std::count(chosen.begin(), chosen.end(), i));
    if (pieces * weight / chosen.size() >= 30 && shared.done[i] == 0) {
      shared.fail(std::string("not a single piece of ") + kinds()[i].name + " was done");
    }
  }
}

/// Whether the run is one in which hundreds of behaviors are stopped, and left in system calls,
/// each second: somebody waits for a worker, turns are often longer than the quantum, and the kinds
/// of work are not a few that happen to wait, or to leave their workers for good.
bool preempts_much(const stage& shared) {
  const plan& p = shared.planned();
  std::size_t all = 0;
  for (const kind& k : kinds()) all += static_cast<std::size_t>(k.weight);
  return p.actors > p.workers && p.quantum <= 1ms && p.chosen.size() >= all / 2 &&
         shared.pieces() >= 2000;  // of them, 20 or more are stopped, and as many left
}

void check_preemption(stage& shared, const preemption_statistics& counted) {
  const preemption mode = shared.planned().mode;
  if (mode == preemption::isolate && counted.preemptions != 0) {
    shared.fail("behaviors were frozen, which were only to be isolated");
  }
  if (!preempts_much(shared)) return;
  if (mode == preemption::full && counted.preemptions == 0) shared.fail("nobody was preempted");
  if (counted.unbinds <= shared.left) {
    shared.fail("nobody who blocked went on without a worker, but by blocking()");
  }
}

}  // namespace

void check_outcome(stage& shared, const preemption_statistics& counted) {
  if (shared.failed()) return;  // and has ended early
  check_mail(shared);
  check_toilers(shared);
  check_kinds(shared);
  check_preemption(shared, counted);
}

}  // namespace troupe::torture
