// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <string>

namespace troupe::test {

/// The seed of the running test: $TROUPE_SEED if set, else drawn anew for each test and repetition.
/// All calls within one test give the same number. It is recorded as property `seed`, and every
/// failure of a test that called this prints it with the command line that replays it. Any thread.
[[nodiscard]] std::uint64_t seed();

/// "TROUPE_SEED=<seed>", for SCOPED_TRACE or an assertion's message.
[[nodiscard]] std::string seed_message();

namespace detail {

/// Makes GoogleTest print seeds. Called once by main(), before the tests run.
void install_seed_printer();

}  // namespace detail
}  // namespace troupe::test
