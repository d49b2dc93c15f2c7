// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::bench {

/// The value of a parameter, or of a field that a scenario reports.
using value = std::variant<std::uint64_t, double, std::string>;

/// A command-line parameter of a scenario. Its type is that of its default.
struct parameter {
  std::string name;
  value default_value;
  std::string help;
  double minimum = 1;  // of a number
  double maximum = std::numeric_limits<double>::max();
  std::vector<std::string> choices{};  // of a text: what it may be
};

/// The values of a scenario's parameters for one run.
class arguments {
 public:
  arguments(std::size_t workers, bool preemption, std::map<std::string, value, std::less<>> values)
      : workers_(workers), preemption_(preemption), values_(std::move(values)) {}

  [[nodiscard]] std::size_t workers() const { return workers_; }
  [[nodiscard]] bool preemption() const { return preemption_; }
  [[nodiscard]] std::uint64_t count(std::string_view name) const {
    return get<std::uint64_t>(name);
  }
  [[nodiscard]] double real(std::string_view name) const { return get<double>(name); }
  [[nodiscard]] const std::string& text(std::string_view name) const {
    return get<std::string>(name);
  }

 private:
  template <class T>
  [[nodiscard]] const T& get(std::string_view name) const {
    return std::get<T>(values_.find(name)->second);
  }

  std::size_t workers_;
  bool preemption_;
  std::map<std::string, value, std::less<>> values_;
};

/// What one run did: `ops` operations in `elapsed`, and what is special to the scenario.
struct result {
  std::uint64_t ops = 0;
  std::chrono::duration<double> elapsed{};
  std::vector<std::pair<std::string, value>> special{};
};

/// A benchmark: it runs the system under load, counts the work really done, and throws
/// oracle_error when that is not what was asked for.
struct scenario {
  std::string name;
  std::string summary;  // one line: what is measured, what an operation is
  std::vector<parameter> parameters;
  result (*run)(const arguments&);
  std::size_t default_workers = 2;  // 0: makes no use of workers
  bool sets_preemption = false;     // itself: there is no --preemption on the command line
};

/// Makes a scenario known; one object of namespace scope per scenario.
class registration {
 public:
  explicit registration(scenario added);
};

/// All scenarios by name.
[[nodiscard]] const std::map<std::string, scenario, std::less<>>& scenarios();

}  // namespace troupe::bench
