// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace troupe::test {

/// A program that runs beside the test, and never longer than it. Its standard output and errors
/// come through one pipe.
class process {
 public:
  explicit process(std::vector<std::string> command_line);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process();

  [[nodiscard]] pid_t id() const { return id_; }

  /// The next line of its output; std::nullopt at the end. Throws after a minute.
  std::optional<std::string> read_line();
  /// What it still says until it ends.
  std::string read_rest();

  void signal(int number) const;
  /// Its exit code, or 128 + the signal that ended it. Throws when it runs on after a minute.
  int wait();

 private:
  bool fill();
  void tell_what_it_said() noexcept;

  pid_t id_ = -1;
  int output_ = -1;
  std::string received_;
};

/// Runs a program to its end and returns what it printed. Throws when it fails.
std::string output_of(const std::vector<std::string>& command_line);

/// The same for curl, with a limit of time and without its progress.
std::string curl(std::vector<std::string> arguments);

/// Where `name` is among the programs of the system; empty: it is not installed.
std::string find_program(const std::string& name);

}  // namespace troupe::test
