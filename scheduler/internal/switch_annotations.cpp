// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/switch_annotations.hpp>

#if TROUPE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif

#if TROUPE_TSAN
/// Actors share exceptions, as exit reasons, and libstdc++.so counts their owners without
/// ThreadSanitizer seeing it: whoever frees one would seem to race with all who have read it. With
/// that, races in the destructors of exceptions are not reported either. Called when the program
/// starts, before the sanitizer is ready. Not weak: the sanitizer's own one is. Here, because all
/// programs with actors link this object; of one of its own they would not know.
extern "C" __attribute__((no_sanitize("thread"))) const char*
__tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race:std::__exception_ptr::exception_ptr::_M_release\n"
         "race:__cxa_end_catch\n";
}
#endif

namespace troupe::detail {

#if TROUPE_ASAN

void switch_annotations::create(void* base, std::size_t size) noexcept {
  bottom_ = base;
  size_ = size;
  // What only a suspended stack points to is not a leak.
  __lsan_register_root_region(base, size);
}

void switch_annotations::destroy(void* base, std::size_t size, void* left_at) noexcept {
  __lsan_unregister_root_region(base, size);
  if (fake_stack_ != nullptr) {
    // A fake stack is freed by leaving it for good. Nothing here touches the real stack, so it is
    // enough to claim that we went there and came back.
    void* mine = nullptr;
    const void* my_bottom = nullptr;
    std::size_t my_size = 0;
    __sanitizer_start_switch_fiber(&mine, bottom_, size_);
    __sanitizer_finish_switch_fiber(fake_stack_, &my_bottom, &my_size);
    __sanitizer_start_switch_fiber(nullptr, my_bottom, my_size);
    __sanitizer_finish_switch_fiber(mine, nullptr, nullptr);
  }
  // The frames that were not unwound have left their red zones, which the next user would hit.
  char* const top = static_cast<char*>(base) + size;
  __asan_unpoison_memory_region(left_at,
                                static_cast<std::size_t>(top - static_cast<char*>(left_at)));
}

#elif TROUPE_TSAN

void switch_annotations::create(void*, std::size_t) noexcept { fiber_ = __tsan_create_fiber(0); }

void switch_annotations::destroy(void*, std::size_t, void*) noexcept {
  __tsan_destroy_fiber(fiber_);
}

#endif

}  // namespace troupe::detail
