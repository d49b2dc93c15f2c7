// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/exit_reason.hpp>

namespace troupe {

std::string exit_reason::what() const {
  switch (kind_) {
    case kind::normal:
      return "normal";
    case kind::shutdown:
      return "system shutdown";
    case kind::killed:
      return "killed";
    case kind::unknown:
      return "had already ended";
    case kind::error:
      if (error_ == nullptr) return "error";
      break;
  }
  try {
    std::rethrow_exception(error_);
  } catch (const std::exception& e) {
    const char* const text = e.what();  // which a careless class may leave null
    return text != nullptr ? text : "exception without a text";
  } catch (...) {
    return "exception of unknown type";
  }
}

}  // namespace troupe
