// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/accepting.hpp>

#include <troupe/actors/internal/system_core.hpp>

#include <exception>
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

void report_not_started(const any_ref& server, const exit_reason& reason) noexcept {
  try {
    auto& core = *static_cast<system_core*>(server.block()->home.load_relaxed());  // the caller's
    report_failure(core, {server.id(), "serve", "connection, not started", reason.what()});
  } catch (const std::exception&) {  // no memory for the words
  }
}

}  // namespace troupe::detail
