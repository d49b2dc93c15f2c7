// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
// expect-error: troupe: the actor class lacks a handler on(Message) for one of its signatures
#include <troupe/troupe.hpp>

struct first {};
struct second {};
struct incomplete : troupe::actor<void(first), void(second)> {
  void on(first) {}
#ifndef TROUPE_WRONG
  void on(second) {}
#endif
};

void use(troupe::system& sys) { sys.spawn<incomplete>(); }
