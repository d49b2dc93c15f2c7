// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>

namespace examples {

/// Raises the limit of open files so that `connections`, each of so many descriptors, fit beside
/// what the program needs itself; where the hard limit forbids that, says so on stderr. Returns how
/// many connections there may be. Before the system starts.
[[nodiscard]] std::size_t provide_descriptors(const char* program, std::size_t connections,
                                              std::size_t descriptors_each, std::size_t workers);

}  // namespace examples
