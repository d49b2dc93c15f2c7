// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/process_memory.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

namespace troupe::bench {
namespace {

// The value of a line "name:   1234 kB" in a file of /proc.
std::uint64_t kilobytes_line(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == name && file >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error(path + " has no line " + name);
}

// `process`: as in /proc.
std::uint64_t resident_bytes(const std::string& process) {
  return kilobytes_line("/proc/" + process + "/smaps_rollup", "Rss:");
}

std::uint64_t settled_resident_bytes(const std::string& process) {
  std::uint64_t before = resident_bytes(process);
  for (int unchanged = 0; unchanged < 3;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::uint64_t now = resident_bytes(process);
    unchanged = now == before ? unchanged + 1 : 0;
    before = now;
  }
  return before;
}

}  // namespace

std::uint64_t resident_bytes() { return resident_bytes("self"); }

std::uint64_t resident_bytes_roughly() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t settled_resident_bytes() { return settled_resident_bytes("self"); }

std::uint64_t settled_resident_bytes_of(std::uint64_t process) {
  return settled_resident_bytes(std::to_string(process));
}

std::uint64_t peak_resident_bytes() { return kilobytes_line("/proc/self/status", "VmHWM:"); }

std::uint64_t page_table_bytes() { return kilobytes_line("/proc/self/status", "VmPTE:"); }

std::uint64_t mapping_count() {
  std::ifstream file("/proc/self/maps");
  const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  return static_cast<std::uint64_t>(lines);
}

}  // namespace troupe::bench
