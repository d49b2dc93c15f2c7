// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/accepting.hpp>

#include <stdexcept>
#include <string>

namespace troupe::detail {

void check_max_connections(const char* options, std::size_t max) {
  if (max == 0) {
    throw std::invalid_argument("troupe: " + std::string(options) +
                                "::max_connections = 0 is not at least 1");
  }
}

bool is_shortage(const std::error_code& error) noexcept {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

}  // namespace troupe::detail
