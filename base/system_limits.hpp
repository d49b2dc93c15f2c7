// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>

namespace troupe::detail {

// What the system allows at present, for messages about what it has refused. Each says "unknown"
// where that cannot be found out. They allocate little: memory may be what has run out.

/// "RLIMIT_AS is unlimited, vm.overcommit_memory is 0, vm.max_map_count is 65530"
std::string memory_limits();

/// "RLIMIT_NPROC is 100, kernel.threads-max is 2000, cgroup pids.max is max", and memory_limits():
/// pthread_create(3) says EAGAIN also where there is no memory for the thread's stack.
std::string thread_limits();

/// "1073741824 bytes", or "unlimited"
std::string address_space_limit();

/// The first word of a small file.
std::string setting_in(const char* path);

/// Of getrlimit(2), its soft limit: a number or "unlimited".
std::string resource_limit(int resource);

}  // namespace troupe::detail
