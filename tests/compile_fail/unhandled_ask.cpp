// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
// expect-error: troupe: the actor behind this actor_ref has no signature for this message type
#include <troupe/troupe.hpp>

struct known {};
struct unknown {};
#ifdef TROUPE_WRONG
using sent = unknown;
#else
using sent = known;
#endif

int use(troupe::context& self, troupe::actor_ref<int(known)> to) { return self.ask(to, sent{}); }
