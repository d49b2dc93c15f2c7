// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/version.hpp>

namespace troupe {

std::string_view library_version() noexcept { return version_text; }

}  // namespace troupe
