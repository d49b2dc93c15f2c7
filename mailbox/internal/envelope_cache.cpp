// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/envelope_cache.hpp>

#include <troupe/base/section.hpp>

namespace troupe::detail {
namespace {

constinit depot depots[envelope_classes] = {{envelope_sizes[0], nullptr, true},
                                            {envelope_sizes[1], nullptr, true},
                                            {envelope_sizes[2], nullptr, true}};

thread_local constinit envelope_cache* current_cache [[gnu::tls_model("initial-exec")]] = nullptr;

thread_local constinit bool foreign_cache_is_gone [[gnu::tls_model("initial-exec")]] = false;

/// The magazines of a thread that carries no worker, from its first message to its end.
struct foreign_cache {
  envelope_cache magazines;
  ~foreign_cache() { foreign_cache_is_gone = true; }
};

/// nullptr on a thread that is ending: destructors of its own, and on the main thread of static
/// objects, may still send and discard.
envelope_cache* this_cache() {
  if (current_cache != nullptr) return current_cache;
  if (foreign_cache_is_gone) return nullptr;
  thread_local foreign_cache mine;
  return &mine.magazines;
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
