// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/scenario.hpp>

namespace troupe::bench {
namespace {

// A function's static, because registrations run before main() in any order.
std::map<std::string, scenario, std::less<>>& known() {
  static std::map<std::string, scenario, std::less<>> all;
  return all;
}

}  // namespace

registration::registration(scenario added) {
  std::string name = added.name;
  known().emplace(std::move(name), std::move(added));
}

const std::map<std::string, scenario, std::less<>>& scenarios() { return known(); }

}  // namespace troupe::bench
