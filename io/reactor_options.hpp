// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>

namespace troupe::io {

/// How the workers' reactors divide the time between sockets and actors: system_options::io.
struct reactor_options {
  /// Events of sockets that a worker handles before actors run. A busy worker looks at its sockets
  /// after every 61 behaviors, and when one is preempted. More suits services whose behaviors are
  /// short. 1 to 1024.
  std::size_t events_per_turn = 16;
  /// When one worker watches that many times as many ready streams as another one, within 10 ms,
  /// half of the difference moves there by itself, except for streams whose worker was chosen, by
  /// move_to() or listen_options::worker. 0: never. From 1.5 to 1000. Idle workers take over
  /// behaviors in any case; what moves is who asks the kernel.
  double rebalance_ratio = 0;
};

}  // namespace troupe::io
