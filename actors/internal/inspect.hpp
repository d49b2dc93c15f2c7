// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor_statistics.hpp>

#include <vector>

namespace troupe::detail {

class system_core;

/// What can be told of the actors that live, without stopping them. Any thread, outside of
/// sections. Throws std::bad_alloc.
std::vector<actor_statistics> inspect_actors(const system_core& core);

}  // namespace troupe::detail
