// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/report.hpp>

#include <preempt/torture/kinds.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace troupe::torture {
namespace {

long long seconds(std::chrono::nanoseconds time) {
  return static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

unsigned long long wide(std::uint64_t n) { return n; }

std::vector<std::uint64_t> pieces_in_order(const stage& shared) {
  std::vector<std::uint64_t> pieces;
  for (const record& r : shared.records) pieces.push_back(r.pieces.load(std::memory_order_relaxed));
  std::sort(pieces.begin(), pieces.end());
  return pieces;
}

void print_counts(std::FILE* to, const preemption_statistics& s) {
  std::fprintf(to,
               "%llu preemptions, %llu deferrals, %llu unbinds, %llu rescues, %llu left running; "
               "carriers: %zu bound, %zu spare, %zu frozen, %zu unbound\n",
               wide(s.preemptions), wide(s.deferrals), wide(s.unbinds), wide(s.rescues),
               wide(s.left_running), s.carriers.bound, s.carriers.spare, s.carriers.frozen,
               s.carriers.unbound);
}

}  // namespace

void print_progress(const stage& shared, const system& sys, std::chrono::nanoseconds since) {
  const auto pieces = pieces_in_order(shared);
  std::printf("%5lld s: %llu pieces (an actor: %llu to %llu), ", seconds(since),
              wide(shared.pieces()), wide(pieces.front()), wide(pieces.back()));
  print_counts(stdout, sys.preemption());
  std::fflush(stdout);
}

void print_statistics(const system& sys) {
  const preemption_statistics s = sys.preemption();
  print_counts(stdout, s);
  std::printf("signal to next behavior, behaviors in less than n us:");
  for (std::size_t i = 0; i < s.latency.size(); ++i) {
    if (s.latency[i] != 0) std::printf(" %llu: %llu", 1ULL << i, wide(s.latency[i]));
  }
  std::printf("\n");
}

void print_totals(const stage& shared) {
  const auto pieces = pieces_in_order(shared);
  std::printf("%llu parcels; pieces by actor: %llu to %llu, median %llu; by kind:",
              wide(shared.parcels_received), wide(pieces.front()), wide(pieces.back()),
              wide(pieces[pieces.size() / 2]));
  for (std::size_t i = 0; i < kinds().size(); ++i) {
    if (shared.done[i] != 0) std::printf(" %s %llu", kinds()[i].name, wide(shared.done[i]));
  }
  std::printf("\n");
}

void report_stuck(const stage& shared, const system& sys, std::chrono::nanoseconds since) {
  std::fprintf(stderr, "STUCK: nothing has moved for %lld s\n  replay with: %s\n  ", seconds(since),
               shared.planned().command_line().c_str());
  print_counts(stderr, sys.preemption());
  for (std::size_t i = 0; i < shared.records.size(); ++i) {
    const record& r = shared.records[i];
    std::fprintf(stderr, "  toiler %zu %s: %s (%llu pieces)\n", i, r.phase.load(),
                 kinds()[r.doing].name, wide(r.pieces));
  }
  std::fflush(stdout);  // not all files: a toiler may hold the lock of its own
  std::_Exit(1);
}

}  // namespace troupe::torture
