// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/plan.hpp>

#include <preempt/torture/kinds.hpp>

#include <set>

namespace troupe::torture {

std::string plan::command_line() const {
  std::string line = "troupe-torture --workers " + std::to_string(workers) + " --actors " +
                     std::to_string(actors) + " --quantum-us " + std::to_string(quantum.count()) +
                     " --seconds " + std::to_string(length.count()) + " --seed " +
                     std::to_string(seed);
  if (max_carriers != 0) line += " --carriers " + std::to_string(max_carriers);
  if (source == signal_source::monitor) line += " --source monitor";
  if (mode == preemption::isolate) line += " --mode isolate";
  const std::set<std::size_t> distinct(chosen.begin(), chosen.end());
  if (distinct.size() < kinds().size()) {
    std::string names;
    for (const std::size_t i : distinct) {
      if (!names.empty()) names += ',';
      names += kinds()[i].name;
    }
    line += " --kinds " + names;
  }
  return line;
}

}  // namespace troupe::torture
