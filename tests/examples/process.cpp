// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <examples/process.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe::test {
namespace {

constexpr std::chrono::minutes patience(1);

pid_t start(std::vector<std::string>& command_line, int output) {
  std::vector<char*> arguments;
  for (auto& each : command_line) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  pid_t id = -1;
  const int error = ::posix_spawnp(&id, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command_line[0]);
  return id;
}

}  // namespace

process::process(std::vector<std::string> command_line) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  output_ = ends[0];
  id_ = start(command_line, ends[1]);
  ::close(ends[1]);
}

process::~process() {
  if (id_ > 0) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  if (testing::Test::HasFailure() || std::uncaught_exceptions() != 0) tell_what_it_said();
  if (output_ >= 0) ::close(output_);
}

/// Why a test of it fails may stand there, a sanitizer's report above all.
void process::tell_what_it_said() noexcept {
  try {
    const std::string said = read_rest();
    if (!said.empty()) {
      std::cerr << "what the process said, and the test did not read:\n" << said << std::flush;
    }
  } catch (const std::exception& e) {
    std::cerr << "no output of the process: " << e.what() << std::endl;
  }
}

bool process::fill() {
  pollfd entry{output_, POLLIN, 0};
  if (::poll(&entry, 1, std::chrono::milliseconds(patience).count()) <= 0) {
    throw std::runtime_error("the process says nothing; so far: " + received_);
  }
  std::array<char, 4096> chunk;
  const auto count = ::read(output_, chunk.data(), chunk.size());
  if (count <= 0) return false;
  received_.append(chunk.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> process::read_line() {
  for (;;) {
    if (const auto end = received_.find('\n'); end != std::string::npos) {
      auto line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    if (!fill()) return std::nullopt;
  }
}

std::string process::read_rest() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

void process::signal(int number) const { ::kill(id_, number); }

int process::wait() {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (::waitpid(id_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("the process does not end");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  id_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string output_of(const std::vector<std::string>& command_line) {
  process program(command_line);
  auto output = program.read_rest();
  if (const int code = program.wait(); code != 0) {
    throw std::runtime_error(command_line[0] + " ended with code " + std::to_string(code) + ": " +
                             output);
  }
  return output;
}

std::string curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"curl", "--silent", "--show-error", "--max-time", "60"});
  return output_of(arguments);
}

std::string find_program(const std::string& name) {
  for (const auto* const directory : {"/usr/bin", "/usr/local/bin", "/usr/sbin"}) {
    auto path = std::string(directory) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

}  // namespace troupe::test
