// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <sys/types.h>

namespace troupe::detail {
class task;
}

namespace troupe::io {

/// The message that notify_child_exit() promises: a child process has ended.
struct child_exited {
  pid_t pid;
  int exit_code;  ///< what it gave to exit(); -1 when a signal has ended it, or it is not known
  int signal;     ///< the signal that has ended it, or 0
  int error;      ///< why neither is known (ECHILD: somebody else has waited for it), or 0

  bool succeeded() const noexcept { return exit_code == 0; }
};

namespace detail {
void notify_child_exit(troupe::detail::task& receiver, pid_t pid);
}

/// Sends one child_exited to the calling actor when that child process of ours ends, at once if it
/// has ended already; the child is waited for then (reaped), also when the actor has ended
/// meanwhile. Nobody else may wait for it, and SIGCHLD must not be ignored. Works on a descriptor
/// of the process (pidfd), not by SIGCHLD.
/// **Suspends** never. **From** the actor's behavior, outside of no_preempt. **Errors**
/// std::system_error whose text names the process: ECHILD when it is no child of ours, or was
/// waited for.
template <class Context>
void notify_child_exit(const Context& self, pid_t pid) {
  detail::notify_child_exit(self.block(), pid);
}

}  // namespace troupe::io
