// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

namespace troupe::io::detail {

// Which descriptors of this process are owned by reactors and sockets: no two of them may close the
// same one. Any thread.
//   | state   | left by                                                                    |
//   | free    | claim: claimed                                                             |
//   | claimed | release: free; close: closing                                              |
//   | closing | close, when the kernel has closed it: free. Who claims it meanwhile waits: |
//   |         | it is either mistaken, or has been given the same number by the kernel     |

/// False: it is claimed already. Throws std::bad_alloc; nobody has claimed it then.
[[nodiscard]] bool claim_descriptor(int descriptor);
/// It stays open.
void release_descriptor(int descriptor) noexcept;
/// Closes a claimed descriptor, which is free then.
void close_descriptor(int descriptor) noexcept;

}  // namespace troupe::io::detail
