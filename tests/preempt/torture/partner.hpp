// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>
#include <preempt/torture/messages.hpp>

#include <cstdint>

namespace troupe::torture {

/// A handler-style actor that serves toilers and asks nobody, so that everybody may wait for it.
struct partner : actor<std::uint64_t(question), void(write_to)> {
  std::uint64_t on(question q);
  void on(write_to w);
};

/// The body of an actor that echoes what comes on each connection to `listener`.
void echo(context& self, io::tcp_listener listener);

}  // namespace troupe::torture
