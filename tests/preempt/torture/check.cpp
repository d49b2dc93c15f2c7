// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>

#include <cerrno>
#include <system_error>

namespace troupe::torture {

void check_call(bool right, const char* call) {
  if (right) return;
  const int error = errno;
  throw wrong_answer(std::string(call) + ": " + std::generic_category().message(error));
}

}  // namespace troupe::torture
