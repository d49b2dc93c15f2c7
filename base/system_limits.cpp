// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/system_limits.hpp>

#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::detail {
namespace {

/// The beginning of a file; nothing where there is none.
std::string beginning_of(const char* path) {
  std::array<char, 512> text{};
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t n = ::read(file, text.data(), text.size());
  ::close(file);
  return {text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

/// Of control groups version 2 only.
std::string pids_max() {
  constexpr std::string_view mark = "0::";
  const std::string groups = beginning_of("/proc/self/cgroup");
  const std::size_t at = groups.find(mark);
  if (at == std::string::npos) return "unknown";
  const std::size_t begin = at + mark.size();
  const std::string group = groups.substr(begin, groups.find('\n', begin) - begin);
  return setting_in(("/sys/fs/cgroup" + group + "/pids.max").c_str());
}

}  // namespace

std::string setting_in(const char* path) {
  const std::string text = beginning_of(path);
  const std::string word = text.substr(0, text.find_first_of(" \t\n"));
  return word.empty() ? "unknown" : word;
}

std::string resource_limit(int resource) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) return "unknown";
  return limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur);
}

std::string address_space_limit() {
  std::string limit = resource_limit(RLIMIT_AS);
  const bool is_number = std::isdigit(static_cast<unsigned char>(limit.front())) != 0;
  return is_number ? limit + " bytes" : limit;
}

std::string memory_limits() {
  return "RLIMIT_AS is " + address_space_limit() + ", vm.overcommit_memory is " +
         setting_in("/proc/sys/vm/overcommit_memory") + ", vm.max_map_count is " +
         setting_in("/proc/sys/vm/max_map_count");
}

std::string thread_limits() {
  return "RLIMIT_NPROC is " + resource_limit(RLIMIT_NPROC) + ", kernel.threads-max is " +
         setting_in("/proc/sys/kernel/threads-max") + ", cgroup pids.max is " + pids_max() + ", " +
         memory_limits();
}

}  // namespace troupe::detail
