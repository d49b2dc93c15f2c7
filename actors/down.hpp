// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/any_ref.hpp>
#include <troupe/actors/exit_reason.hpp>

namespace troupe {

/// The message that context::monitor() promises: `actor` has ended. Comes exactly once for each
/// monitored actor; not ordered against messages that the actor sent before.
struct down {
  any_ref actor;
  exit_reason reason;
};

}  // namespace troupe
