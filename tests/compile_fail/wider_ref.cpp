// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A handle converts to one with fewer signatures, not to one with more.
// expect-error: actor_ref
#include <troupe/troupe.hpp>

struct first {};
struct second {};
#ifdef TROUPE_WRONG
using given = troupe::actor_ref<void(first)>;
#else
using given = troupe::actor_ref<void(first), void(second)>;
#endif

troupe::actor_ref<void(second)> use(given r) { return r; }
