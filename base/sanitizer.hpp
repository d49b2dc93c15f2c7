// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

/// TROUPE_ASAN: whether this translation unit is compiled for AddressSanitizer, 1 or 0; GCC and
/// Clang say it differently.
#if defined(__SANITIZE_ADDRESS__)
#define TROUPE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TROUPE_ASAN 1
#endif
#endif
#ifndef TROUPE_ASAN
#define TROUPE_ASAN 0
#endif

/// TROUPE_TSAN: the same for ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
#define TROUPE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TROUPE_TSAN 1
#endif
#endif
#ifndef TROUPE_TSAN
#define TROUPE_TSAN 0
#endif
