// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe {

/// Thrown by a waiting call of an actor that has been asked to end, so that its body unwinds. Not
/// derived from std::exception: it is no error, and must not be swallowed by handlers for those. A
/// body that catches it all the same gets it again from its next waiting call.
struct actor_exit {};

}  // namespace troupe
