// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <elfutils/libdwfl.h>

#include <string>
#include <vector>

namespace troupe::detail {

struct source_frame {
  std::string
      function;       ///< readable, cut off when it is very long; the address if there is no name
  std::string place;  ///< " at file:line"; without debug information "+0x12 (libx.so)"
};

/// What stands at an address of the program, innermost first: functions that were inlined there,
/// and the function itself.
std::vector<source_frame> source_frames(Dwfl& session, Dwarf_Addr at);

}  // namespace troupe::detail
