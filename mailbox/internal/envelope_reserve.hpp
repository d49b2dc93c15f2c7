// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/mailbox/detail/envelope.hpp>

#include <cstddef>

namespace troupe::detail {

/// Envelopes of the smallest class that are put by for the time when memory has run out: some
/// messages of the runtime's own have nobody to throw to. An answer that somebody waits for is one,
/// the request to end that lets a system be destroyed another. Process-wide, like the depots; each
/// system adds what its workers may keep in their magazines, so that what it uses up comes back.
class envelope_reserve {
 public:
  /// Throws std::system_error.
  explicit envelope_reserve(std::size_t workers);
  ~envelope_reserve();
  envelope_reserve(const envelope_reserve&) = delete;
  envelope_reserve& operator=(const envelope_reserve&) = delete;

 private:
  const std::size_t count_;
};

/// As acquire_envelope() of the smallest class; from the reserve when memory has run out. nullptr:
/// the reserve is used up as well, until others have handled what they were sent. Any thread.
envelope* acquire_reserved_envelope() noexcept;

}  // namespace troupe::detail
