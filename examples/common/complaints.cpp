// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/complaints.hpp>

#include <cinttypes>
#include <cstdio>

namespace examples {

void complaints::say(const char* reason) noexcept {
  const auto now = clock::now();
  auto next = next_.load(std::memory_order_relaxed);
  if (now < next || !next_.compare_exchange_strong(next, now + std::chrono::seconds(1),
                                                   std::memory_order_relaxed)) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  char others[64] = "";
  if (const auto more = left_out_.exchange(0, std::memory_order_relaxed); more != 0) {
    std::snprintf(others, sizeof others, " (and %" PRIu64 " others before)", more);
  }
  std::fprintf(stderr, "%s: a connection was given up: %s%s\n", program_.c_str(), reason, others);
}

void complaints::say(const troupe::exit_reason& reason) noexcept {
  if (reason.exception() == nullptr) return say("it ended without an exception");
  try {
    std::rethrow_exception(reason.exception());
  } catch (const std::exception& e) {
    say(e.what());
  } catch (...) {
    say("exception of unknown type");
  }
}

bool is_about_stopping(const std::exception& problem) noexcept {
  const auto* const error = dynamic_cast<const std::system_error*>(&problem);
  return error != nullptr && error->code() == troupe::errc::stopping;
}

bool is_mere_end(const std::error_code& error) noexcept {
  return error == std::errc::connection_reset || error == std::errc::broken_pipe ||
         error == troupe::errc::end_of_stream || error == troupe::errc::stopping ||
         error == troupe::errc::actor_down;
}

}  // namespace examples
