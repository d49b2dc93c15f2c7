// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <chrono>
#include <cstdint>

namespace kv {

/// What is known of who is at the other end of a connection.
enum class peer : std::uint8_t {
  listening,
  done_sending,  ///< it may listen still, or have closed its end: writing will tell
  gone,          ///< nobody will read an answer
};

/// Never waits. It costs a system call, for which a request that is about to take long is reason
/// enough, and one that is not only now and then.
[[nodiscard]] peer look_for_peer(int descriptor);

/// How long a peer that is gone goes unnoticed at least.
inline constexpr std::chrono::milliseconds between_looks(10);

}  // namespace kv
