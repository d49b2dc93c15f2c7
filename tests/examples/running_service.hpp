// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/process.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

/// An example that serves, running on a port of its own.
class running_service {
 public:
  /// Returns when it says that it is ready. Throws what it says when it is not.
  explicit running_service(const std::string& program, std::vector<std::string> options = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t id() const { return process_->id(); }
  /// "127.0.0.1:PORT"
  [[nodiscard]] std::string address() const;

  /// Sends the signal and returns the exit code.
  int stop(int signal);
  /// What it printed since it was ready; after stop().
  std::string output() { return process_->read_rest(); }

  /// The most memory it ever had, in bytes.
  [[nodiscard]] std::size_t peak_memory() const { return memory_figure("VmHWM"); }
  /// What it has of addresses now, in bytes.
  [[nodiscard]] std::size_t address_space() const { return memory_figure("VmSize"); }
  /// Processor time it has used so far.
  [[nodiscard]] std::chrono::milliseconds processor_time() const;
  /// How many sockets it has open. Other descriptors may be a sanitizer's, or a monitor's for a
  /// moment.
  [[nodiscard]] std::size_t open_sockets() const;

 private:
  [[nodiscard]] std::size_t memory_figure(const std::string& name) const;

  std::unique_ptr<process> process_;
  std::uint16_t port_ = 0;
};

/// Whether memory means something: not under a sanitizer.
bool memory_is_measurable();

}  // namespace troupe::test
