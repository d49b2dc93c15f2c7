// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/library_ranges.hpp>

#include <troupe/base/atomic.hpp>
#include <troupe/base/section.hpp>

#include <link.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace troupe::detail {
namespace {

struct range {
  std::uintptr_t first;
  std::uintptr_t behind;
};

/// Written under the lock, one after the other; `known` is stored last (release) and read first
/// (acquire). Ranges of libraries that are unloaded stay: at worst, what is loaded in their place
/// is spared too.
constinit std::array<range, 128> ranges{};
constinit atomic<std::size_t> known{0};
constinit std::mutex collecting;
constinit atomic<bool> c_library_seen{false};  // relaxed: asked by the thread that has collected

constexpr std::size_t c_libraries = 3;  // of these, the first ones
/// The C and C++ runtimes, sanitizers, and the usual replacements of malloc.
constexpr std::array<std::string_view, 15> locking_libraries = {
    "libc.so",   "libc-",    "ld-musl",     "ld-linux",    "libpthread",
    "libstdc++", "libgcc_s", "libc++",      "libunwind",   "libasan",
    "libtsan",   "libubsan", "libjemalloc", "libtcmalloc", "libmimalloc"};

/// By hand: the text is the dynamic linker's, and so is the lock that guards it, of which
/// ThreadSanitizer knows nothing.
__attribute__((no_sanitize("thread"))) bool is_file(const char* path, std::string_view prefix) {
  const char* name = path;
  for (const char* c = path; *c != '\0'; ++c) {
    if (*c == '/') name = c + 1;
  }
  for (const char wanted : prefix) {
    if (*name++ != wanted) return false;
  }
  return true;
}

/// Its place among them; their number for others.
std::size_t find_locking_library(const char* path) noexcept {
  const auto* const found =
      std::find_if(locking_libraries.begin(), locking_libraries.end(),
                   [&](std::string_view prefix) { return is_file(path, prefix); });
  return static_cast<std::size_t>(found - locking_libraries.begin());
}

void remember(const range& r) noexcept {
  const std::size_t n = known.load_relaxed();  // under the lock
  const auto end = ranges.begin() + static_cast<std::ptrdiff_t>(n);
  const bool old = std::any_of(ranges.begin(), end, [&](const range& k) {
    return k.first == r.first && k.behind == r.behind;
  });
  if (old || n == ranges.size()) return;
  ranges[n] = r;
  known.store_release(n + 1);  // pairs with in_locking_library()
}

int look_at(dl_phdr_info* info, std::size_t, void*) noexcept {
  if (info->dlpi_name == nullptr) return 0;
  const std::size_t library = find_locking_library(info->dlpi_name);
  if (library == locking_libraries.size()) return 0;
  if (library < c_libraries) c_library_seen.store_relaxed(true);
  for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const std::uintptr_t first = info->dlpi_addr + part.p_vaddr;
    remember({first, first + part.p_memsz});
  }
  return 0;
}

}  // namespace

void collect_library_ranges() {
  const section guard;  // rule R2: carriers take the lock in sections
  const std::scoped_lock hold(collecting);
  ::dl_iterate_phdr(&look_at, nullptr);
}

bool knows_c_library() noexcept { return c_library_seen.load_relaxed(); }

bool in_locking_library(std::uintptr_t program_counter) noexcept {
  const std::size_t n = known.load_acquire();  // pairs with remember()
  for (std::size_t i = 0; i < n; ++i) {
    if (program_counter >= ranges[i].first && program_counter < ranges[i].behind) return true;
  }
  return false;
}

}  // namespace troupe::detail
