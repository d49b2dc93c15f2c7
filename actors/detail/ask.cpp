// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/ask.hpp>

#include <string>

namespace troupe::detail {

void throw_ask_error(std::error_code error, const any_ref& to) {
  throw std::system_error(error, "troupe: ask of actor " + std::to_string(to.block()->number + 1));
}

}  // namespace troupe::detail
