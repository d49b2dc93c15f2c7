// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/base/atomic.hpp>

#include <cstdint>

namespace troupe::io::detail {

/// What the kernel has to say of a descriptor.
struct news {
  bool readable;
  bool writable;
  bool error;
  bool lasting;  ///< the end, an error or urgent data: may not be reported again
};

/// What an edge_set watches. Sources live in type-stable memory: the thread that polls the edge_set
/// may look at one whose life has just ended, and sees that by the life's number.
class event_source {
 public:
  using report_function = void (*)(event_source&, news) noexcept;

  event_source(const event_source&) = delete;
  event_source& operator=(const event_source&) = delete;

  /// Called by the thread that polls the edge_set, within a section.
  void report(news n) noexcept { report_(*this, n); }

  int descriptor = -1;
  /// Which life this is. Written by the owner, at its begin and end.
  troupe::detail::atomic<std::uint32_t> life{0};

 private:
  const report_function report_;

 public:
  const bool may_move;  ///< it is a socket

 protected:
  event_source(report_function f, bool movable) noexcept : report_(f), may_move(movable) {}
  ~event_source() = default;
};

}  // namespace troupe::io::detail
