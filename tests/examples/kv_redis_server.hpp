// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_client.hpp>
#include <examples/process.hpp>
#include <support/scratch_directory.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace kv::test {

using troupe::test::find_program;
using troupe::test::process;
using troupe::test::scratch_directory;

/// The real redis-server, reachable through a socket in a directory of its own.
class redis_server {
 public:
  static bool installed() { return !find_program("redis-server").empty(); }

  redis_server() {
    const std::string program = find_program("redis-server");
    process_ = std::make_unique<process>(std::vector<std::string>{
        program, "--port", "0", "--unixsocket", path(), "--save", "", "--appendonly", "no", "--dir",
        directory_.path(), "--databases", "1", "--enable-debug-command", "yes"});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!std::filesystem::exists(path())) {
      if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("redis-server does not start: " + process_->read_rest());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  [[nodiscard]] client connect() const {
    // The socket is there a moment before the server listens to it.
    for (int i = 0;; ++i) {
      try {
        return client::unix_socket(path());
      } catch (const std::system_error&) {
        if (i == 1000) throw;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }

 private:
  [[nodiscard]] std::string path() const { return directory_.path() + "/redis"; }

  scratch_directory directory_;
  std::unique_ptr<process> process_;
};

}  // namespace kv::test
