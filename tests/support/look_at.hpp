// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <optional>
#include <utility>

namespace troupe::test {

/// What system::actors() says about one of them; nothing when it has ended.
inline std::optional<actor_statistics> look_at(const system& sys, const any_ref& who) {
  for (actor_statistics& a : sys.actors()) {
    if (a.id == who.id()) return std::move(a);
  }
  return std::nullopt;
}

}  // namespace troupe::test
