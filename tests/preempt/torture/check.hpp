// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <stdexcept>
#include <string>

namespace troupe::torture {

/// A piece of work came to a result that it must not come to.
struct wrong_answer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws wrong_answer with that text unless `right`.
inline void check(bool right, const char* what) {
  if (!right) throw wrong_answer(what);
}

/// As above, with the error number of the system call that failed.
void check_call(bool right, const char* call);

}  // namespace troupe::torture
