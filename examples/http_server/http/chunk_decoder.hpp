// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace http {

/// Takes a body of chunks apart (RFC 9112, section 7.1), to the letter: what one server takes for
/// the end of a chunk and another one does not is a way to slip it a request. Knows no limit for
/// the data, but one for all that is around it. Not thread-safe.
class chunk_decoder {
 public:
  enum class state : std::uint8_t {
    within,
    complete,
    malformed,
    too_long,  ///< size lines and trailers
  };

  explicit chunk_decoder(std::size_t most_around) : most_around_(most_around) {}

  struct step {
    std::size_t taken = 0;    ///< bytes of the input
    std::string_view data{};  ///< within them: a part of the body
  };

  /// Goes on up to the next data, or the end of the input or the body. After anything but `within`
  /// do not call it again.
  step decode(std::string_view input);

  [[nodiscard]] state progress() const { return state_; }
  /// Bytes that the present chunk still has.
  [[nodiscard]] std::uint64_t missing() const { return missing_; }

 private:
  enum class part : std::uint8_t {
    size,       // its digits
    extension,  // behind them, up to the end of the line
    size_end,   // the line feed
    data,
    data_cr,
    data_lf,
    trailer_begin,  // of a line
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
  };

  void take(char byte);
  void take_of_size(char byte);
  void take_of_trailer(char byte);
  void expect(char byte, char expected, part next);
  void end_of_size();

  std::size_t most_around_;
  std::size_t around_ = 0;
  std::uint64_t missing_ = 0;
  unsigned digits_ = 0;
  part part_ = part::size;
  state state_ = state::within;
};

}  // namespace http
