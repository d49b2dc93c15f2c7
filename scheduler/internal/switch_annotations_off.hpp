// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define TROUPE_VALGRIND 1
#else
#define TROUPE_VALGRIND 0
#endif

namespace troupe::detail {

/// The interface of switch_annotations.hpp for builds without sanitizers. Valgrind is told which
/// memory is a stack: a few instructions when a generator is created or destroyed, none at a
/// switch.
class switch_annotations {
 public:
  void create(void* base, std::size_t size) noexcept {
#if TROUPE_VALGRIND
    valgrind_id_ = VALGRIND_STACK_REGISTER(base, static_cast<char*>(base) + size);
#else
    static_cast<void>(base);
    static_cast<void>(size);
#endif
  }
  void destroy(void*, std::size_t, void*) noexcept {
#if TROUPE_VALGRIND
    VALGRIND_STACK_DEREGISTER(valgrind_id_);
#endif
  }
  void leave(const switch_annotations&) noexcept {}
  void leave_for_ever(const switch_annotations&) noexcept {}
  void arrive(switch_annotations&) noexcept {}

#if TROUPE_VALGRIND
 private:
  unsigned int valgrind_id_ = 0;
#endif
};

}  // namespace troupe::detail
