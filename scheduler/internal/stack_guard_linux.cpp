// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/stack_guard_linux.hpp>

#include <troupe/base/system_limits.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace troupe::detail {
namespace {

/// MADV_GUARD_INSTALL of <linux/mman.h>, newer than the C library's headers.
constexpr int madv_guard_install = 102;

std::string max_map_count() { return setting_in("/proc/sys/vm/max_map_count"); }

}  // namespace

int install_guard_mprotect(void* low, std::size_t size) noexcept {
  return ::mprotect(low, size, PROT_NONE) == 0 ? 0 : errno;
}

int install_guard(void* low, std::size_t size) noexcept {
  // Asked every time: a kernel that has it still refuses it for locked memory (mlockall), and what
  // a refusal costs is small beside mprotect.
  if (::madvise(low, size, madv_guard_install) == 0) return 0;
  return install_guard_mprotect(low, size);
}

void throw_guard_error(int error) {
  std::string text = "troupe: cannot install a stack's guard page";
  if (error == ENOMEM) {
    text +=
        ": out of memory mappings, of which a guarded stack takes two on this kernel. "
        "vm.max_map_count is " +
        max_map_count() +
        "; raise it with `sysctl -w vm.max_map_count=NUMBER`, or use Linux 6.13 or newer, where "
        "guards take none";
  }
  throw std::system_error(error, std::generic_category(), text);
}

void throw_stack_memory_error(int error, std::size_t bytes) {
  std::string text = "troupe: cannot map " + std::to_string(bytes) + " bytes of stacks";
  if (error == ENOMEM) {
    text += ". One of these limits has run out: RLIMIT_AS is " + address_space_limit() +
            " (raise it with `ulimit -v`); vm.overcommit_memory is " +
            setting_in("/proc/sys/vm/overcommit_memory") +
            " (with 2 raise vm.overcommit_ratio, or set it to 0); vm.max_map_count is " +
            max_map_count() + " (raise it with `sysctl -w vm.max_map_count=NUMBER`)";
  }
  throw std::system_error(error, std::generic_category(), text);
}

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace troupe::detail
