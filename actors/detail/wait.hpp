// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/detail/wait.hpp>

#include <cstdint>

namespace troupe::detail {

class control_block;

/// Whether an envelope is to be taken out of the mailbox. Non-owning callable; runs user
/// predicates.
struct envelope_filter {
  void* object;
  bool (*matches)(void* object, envelope& e);
  bool operator()(envelope& e) const { return matches(object, e); }
};

/// The oldest message the filter accepts: notices first, then what earlier calls passed over, then
/// the mailbox; what it does not accept stays for later, in order. Waits until the deadline;
/// nullptr then. Throws actor_exit as await_answer does.
envelope_ptr take_matching(control_block& self, envelope_filter filter, std::uint64_t deadline_ns);

}  // namespace troupe::detail
