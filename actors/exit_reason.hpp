// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/scheduler/actor_exit.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace troupe {

/// Why an actor ended. Cheap to copy; thread-safe as any value is.
class exit_reason {
 public:
  enum class kind : std::uint8_t {
    normal,    ///< its body returned, or it called quit()
    error,     ///< an exception left its behavior
    shutdown,  ///< its system was shut down
    killed,    ///< somebody asked it to end
    unknown,   ///< it had ended before it was watched
  };

  exit_reason() noexcept = default;
  /*implicit*/ exit_reason(kind k) noexcept : kind_(k) {}
  /// An exception as the reason; `error` must hold one.
  explicit exit_reason(std::exception_ptr error) noexcept
      : kind_(kind::error), error_(std::move(error)) {}

  kind code() const noexcept { return kind_; }
  bool is_normal() const noexcept { return kind_ == kind::normal; }
  /// The exception that ended the actor; null for every other kind, for an error given to quit()
  /// by its kind alone, and where there was no memory to keep it.
  const std::exception_ptr& exception() const noexcept { return error_; }
  /// One readable phrase; an exception's what() for errors.
  std::string what() const;

  /// Same kind, and for errors the same exception object.
  friend bool operator==(const exit_reason&, const exit_reason&) = default;

 private:
  kind kind_ = kind::normal;
  std::exception_ptr error_;
};

}  // namespace troupe
