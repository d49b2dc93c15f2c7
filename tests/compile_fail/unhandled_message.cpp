// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// A typed handle takes only what its signatures name: send, ask in both forms.
// expect-error: troupe: the actor behind this actor_ref has no signature for this message type
#include <troupe/troupe.hpp>

struct known {};
struct unknown {};
#ifdef TROUPE_WRONG
using sent = unknown;
#else
using sent = known;
#endif

void use(troupe::actor_ref<void(known)> to) { to.send(sent{}); }
