// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::io {

/// A message in a stream of bytes.
struct frame {
  std::string_view body{};  ///< within the input
  std::size_t size = 0;     ///< bytes of the input that it takes, with what marks it off
};

/// Finds the messages in a stream of bytes. One framer serves one stream at a time. Used by
/// buffered_reader::read_frame(), by active streams, and for itself: it does no I/O.
class framer {
 public:
  virtual ~framer() = default;

  /// The frame at the begin of `input`; nullopt: it is not complete yet, or, with an error, it
  /// never will be (errc::too_long). Until a frame is found, each call's input begins with that of
  /// the call before; the next one begins behind the frame.
  virtual std::optional<frame> find(std::string_view input, std::error_code& error) = 0;

 protected:
  framer() = default;
  framer(const framer&) = default;
  framer& operator=(const framer&) = default;
};

/// Frames that end with a delimiter, which is not part of the body.
class delimiter_framer : public framer {
 public:
  /// `max` bounds a body. **Errors** std::invalid_argument for an empty delimiter.
  delimiter_framer(std::string_view delimiter, std::size_t max);
  std::optional<frame> find(std::string_view input, std::error_code& error) override;

 private:
  std::string delimiter_;
  std::size_t max_;
  std::size_t searched_ = 0;  // of the input: no delimiter begins before it
};

/// Lines, which end with "\n" or "\r\n"; neither is part of the body.
class line_framer : public framer {
 public:
  /// `max` bounds a line, with its "\r" if there is one.
  explicit line_framer(std::size_t max) : lines_("\n", max) {}
  std::optional<frame> find(std::string_view input, std::error_code& error) override;

 private:
  delimiter_framer lines_;
};

/// Frames that begin with the length of their body.
class length_framer : public framer {
 public:
  /// `width` is the length's own: 1, 2 or 4 bytes; `max` bounds a body. **Errors**
  /// std::invalid_argument, naming it, for another width, and for an order that is neither big nor
  /// little.
  length_framer(std::size_t width, std::endian order, std::size_t max);
  std::optional<frame> find(std::string_view input, std::error_code& error) override;

  /// What comes before a body of that size. **Errors** std::length_error when it is more than max,
  /// or than `width` bytes can say.
  std::string prefix(std::size_t body_size) const;

 private:
  std::size_t width_;
  std::endian order_;
  std::size_t max_;
};

}  // namespace troupe::io
