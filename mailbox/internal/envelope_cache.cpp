// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/envelope_cache.hpp>

#include <troupe/base/section.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <new>

#include <pthread.h>

namespace troupe::detail {
namespace {

constinit depot depots[envelope_classes] = {{envelope_sizes[0], nullptr, true},
                                            {envelope_sizes[1], nullptr, true},
                                            {envelope_sizes[2], nullptr, true}};

thread_local constinit envelope_cache* current_cache [[gnu::tls_model("initial-exec")]] = nullptr;

// The magazines of a thread that carries no worker, from its first message to its end. What
// destroys them is a key of POSIX threads: to register the destructor of a thread_local takes
// memory from the heap, and glibc ends the process where there is none. Keys also come last:
// destructors of thread_locals may still send and discard.
alignas(envelope_cache) thread_local constinit std::byte foreign_room
    [[gnu::tls_model("initial-exec")]][sizeof(envelope_cache)] = {};
thread_local constinit envelope_cache* foreign_cache [[gnu::tls_model("initial-exec")]] = nullptr;
thread_local constinit bool foreign_cache_is_gone [[gnu::tls_model("initial-exec")]] = false;

void end_foreign_cache(void* cache) {
  foreign_cache_is_gone = true;
  foreign_cache = nullptr;
  std::destroy_at(static_cast<envelope_cache*>(cache));
}

/// Leaves none where it takes memory that there is not, or a key.
void begin_foreign_cache() noexcept {
  static pthread_key_t key;
  static const bool has_key = ::pthread_key_create(&key, &end_foreign_cache) == 0;
  if (!has_key) return;
  try {
    foreign_cache = ::new (foreign_room) envelope_cache;
  } catch (const std::exception&) {
    return;
  }
  if (::pthread_setspecific(key, foreign_cache) != 0) end_foreign_cache(foreign_cache);
}

/// nullptr on a thread that is ending, and on one that gets none.
envelope_cache* this_cache() noexcept {
  if (current_cache != nullptr) return current_cache;
  if (foreign_cache == nullptr && !foreign_cache_is_gone) [[unlikely]]
    begin_foreign_cache();
  return foreign_cache;
}

}  // namespace

envelope_cache::envelope_cache()
    : classes_{magazine_cache(depots[0]), magazine_cache(depots[1]), magazine_cache(depots[2])} {}

// The three functions below are out of line because they are reached from code that switches
// contexts: no caller may keep the thread-local address.

[[gnu::noinline]] void use_envelope_cache(envelope_cache* cache) noexcept {
  asm volatile("");
  current_cache = cache;
}

[[gnu::noinline]] envelope* acquire_envelope(std::size_t size_class) {
  asm volatile("");
  const section guard;
  envelope_cache* const cache = this_cache();
  void* const slot =
      cache != nullptr ? cache->of(size_class).take() : depots[size_class].take_one();
  auto* const e = ::new (slot) envelope;
  e->size_class = static_cast<std::uint8_t>(size_class);
  return e;
}

[[gnu::noinline]] void release_envelope(envelope& e) noexcept {
  asm volatile("");
  const section guard;
  if (envelope_cache* const cache = this_cache()) {
    cache->of(e.size_class).give(&e);
  } else {
    depots[e.size_class].give_one(&e);
  }
}

void discard_envelope(envelope& e) noexcept {
  destroy_payload(e);
  release_envelope(e);
}

}  // namespace troupe::detail
