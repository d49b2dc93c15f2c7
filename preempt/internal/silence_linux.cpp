// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/silence.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::detail {
namespace {

struct thread_status {
  char state = '?';  // R: it runs, or waits for a core; S: it sleeps; D: it waits for a device
  std::uint64_t cpu_ticks = 0;
};

/// From /proc; what cannot be read stays as it is.
thread_status status_of(pid_t thread) noexcept {
  thread_status answer;
  char text[512];  // the fields of interest lie in the first half
  std::snprintf(text, sizeof text, "/proc/self/task/%d/stat", static_cast<int>(thread));
  const int file = ::open(text, O_RDONLY | O_CLOEXEC);
  if (file == -1) return answer;
  const ssize_t length = ::read(file, text, sizeof text - 1);
  ::close(file);
  text[std::max<ssize_t>(length, 0)] = '\0';
  const char* const fields = std::strrchr(text, ')');  // behind the name, which may hold anything
  unsigned long user = 0;
  unsigned long kernel = 0;
  if (fields != nullptr &&
      std::sscanf(fields, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &answer.state,
                  &user, &kernel) == 3) {
    answer.cpu_ticks = user + kernel;
  }
  return answer;
}

}  // namespace

bool silence::is_deaf(const subject& carrier, std::uint64_t now,
                      std::uint64_t patience_ns) noexcept {
  if (!carrier.armed || carrier.taken != heard_) {
    heard_ = carrier.taken;
    since_ns_ = 0;
    return false;
  }
  if (since_ns_ == 0) {  // it may have been armed a moment ago
    since_ns_ = now;
    cpu_ticks_ = status_of(carrier.thread).cpu_ticks;
  }
  if (now - since_ns_ <= patience_ns) return false;
  const thread_status status = status_of(carrier.thread);
  if (status.state == 'R') return status.cpu_ticks != cpu_ticks_ && !carrier.out_of_reach;
  return status.state != 'D';
}

}  // namespace troupe::detail
