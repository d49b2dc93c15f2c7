// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <unistd.h>

#include <examples/running_service.hpp>
#include <troupe/base/sanitizer.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace troupe::test {
namespace {

std::vector<std::string> command_line(const std::string& program,
                                      std::vector<std::string> options) {
  options.insert(options.begin(), {program, "--port", "0"});
  return options;
}

}  // namespace

running_service::running_service(const std::string& program, std::vector<std::string> options)
    : process_(std::make_unique<process>(command_line(program, std::move(options)))) {
  const std::string ready = ": ready on 127.0.0.1:";
  std::string said;
  while (const auto line = process_->read_line()) {
    if (const auto at = line->find(ready); at != std::string::npos) {
      port_ = static_cast<std::uint16_t>(std::stoi(line->substr(at + ready.size())));
      return;
    }
    said += *line + "\n";
  }
  throw std::runtime_error(program + " does not start: " + said);
}

std::string running_service::address() const { return "127.0.0.1:" + std::to_string(port_); }

int running_service::stop(int signal) {
  process_->signal(signal);
  return process_->wait();
}

std::size_t running_service::memory_figure(const std::string& name) const {
  std::ifstream status("/proc/" + std::to_string(id()) + "/status");
  std::string word;
  while (status >> word) {
    std::size_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("no " + name + " in /proc/.../status");
}

std::chrono::milliseconds running_service::processor_time() const {
  std::ifstream stat("/proc/" + std::to_string(id()) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));  // the name may hold spaces
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  long user = 0;
  long kernel = 0;
  fields >> user >> kernel;
  return std::chrono::milliseconds((user + kernel) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::size_t running_service::open_sockets() const {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(id()) + "/fd");
  return static_cast<std::size_t>(std::count_if(begin(all), end(all), [](const auto& each) {
    std::error_code gone;  // it may be closed by now
    return std::filesystem::read_symlink(each, gone).string().starts_with("socket:");
  }));
}

bool memory_is_measurable() { return !TROUPE_ASAN && !TROUPE_TSAN; }

}  // namespace troupe::test
