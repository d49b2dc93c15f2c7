// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::io::detail {

/// Which descriptors of this process are owned by reactors: no two of them may close the same one.
/// Any thread.

/// False: it is claimed already. Throws std::bad_alloc.
[[nodiscard]] bool claim_descriptor(int descriptor);
/// Before it is closed: the kernel may hand it out again at once.
void release_descriptor(int descriptor) noexcept;

}  // namespace troupe::io::detail
