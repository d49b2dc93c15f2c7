// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <unistd.h>

#include <examples/kv_running_server.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kv::test {
namespace {

std::vector<std::string> command_line(std::vector<std::string> options) {
  options.insert(options.begin(), {KV_SERVER_PROGRAM, "--port", "0"});
  return options;
}

}  // namespace

running_server::running_server(std::vector<std::string> options)
    : process_(std::make_unique<process>(command_line(std::move(options)))) {
  const std::string ready = "kv_server: ready on 127.0.0.1:";
  std::string said;
  while (const auto line = process_->read_line()) {
    if (line->starts_with(ready)) {
      port_ = static_cast<std::uint16_t>(std::stoi(line->substr(ready.size())));
      return;
    }
    said += *line + "\n";
  }
  throw std::runtime_error("kv_server does not start: " + said);
}

int running_server::stop(int signal) {
  process_->signal(signal);
  return process_->wait();
}

std::size_t running_server::memory_figure(const std::string& name) const {
  std::ifstream status("/proc/" + std::to_string(id()) + "/status");
  std::string word;
  while (status >> word) {
    std::size_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("no " + name + " in /proc/.../status");
}

std::chrono::milliseconds running_server::processor_time() const {
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

std::string info_field(client& from, const std::string& section, const std::string& field) {
  const auto answer = from.ask({"info", section});
  const auto start = answer.find("\n" + field + ":");
  if (start == std::string::npos) return {};
  const auto value = start + field.size() + 2;
  return answer.substr(value, answer.find('\r', value) - value);
}

bool memory_is_measurable() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#else
  return true;
#endif
#else
  return true;
#endif
}

}  // namespace kv::test
