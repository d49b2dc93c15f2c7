// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_client.hpp>
#include <examples/kv_process.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kv::test {

/// The kv_server program, running on a port of its own.
class running_server {
 public:
  explicit running_server(std::vector<std::string> options = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t id() const { return process_->id(); }
  [[nodiscard]] client connect() const { return client::tcp(port_); }

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

 private:
  [[nodiscard]] std::size_t memory_figure(const std::string& name) const;

  std::unique_ptr<process> process_;
  std::uint16_t port_ = 0;
};

/// The value of a field in an answer to INFO; empty: it is not there.
std::string info_field(client& from, const std::string& section, const std::string& field);

/// Whether memory means something: not under a sanitizer.
bool memory_is_measurable();

}  // namespace kv::test
