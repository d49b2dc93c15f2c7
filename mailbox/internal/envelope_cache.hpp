// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/mailbox/detail/envelope.hpp>
#include <troupe/mailbox/internal/depot.hpp>

namespace troupe::detail {

/// A worker's (or a foreign thread's) magazines of envelopes, one cache per size class.
class envelope_cache {
 public:
  envelope_cache();

  magazine_cache& of(std::size_t size_class) noexcept { return classes_[size_class]; }

 private:
  magazine_cache classes_[envelope_classes];
};

/// Makes `cache` what acquire_envelope() and release_envelope() use on the calling thread; nullptr
/// for the thread's own. A carrier calls it whenever it takes or loses a worker, in a section.
void use_envelope_cache(envelope_cache* cache) noexcept;

}  // namespace troupe::detail
