// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/framing.hpp>

#include <troupe/base/error.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace troupe::io {

delimiter_framer::delimiter_framer(std::string_view delimiter, std::size_t max)
    : delimiter_(delimiter), max_(max) {
  if (delimiter.empty()) throw std::invalid_argument("troupe: an empty delimiter ends no frame");
}

std::optional<frame> delimiter_framer::find(std::string_view input, std::error_code& error) {
  const std::size_t at = input.find(delimiter_, searched_);
  if (at != std::string_view::npos && at <= max_) {
    searched_ = 0;
    return frame{input.substr(0, at), at + delimiter_.size()};
  }
  searched_ = input.size() - std::min(input.size(), delimiter_.size() - 1);  // it may have begun
  if (at != std::string_view::npos || searched_ > max_) error = errc::too_long;
  return std::nullopt;
}

std::optional<frame> line_framer::find(std::string_view input, std::error_code& error) {
  std::optional<frame> line = lines_.find(input, error);
  if (line && line->body.ends_with('\r')) line->body.remove_suffix(1);
  return line;
}

length_framer::length_framer(std::size_t width, std::endian order, std::size_t max)
    : width_(width), order_(order), max_(max) {
  if (width != 1 && width != 2 && width != 4) {
    throw std::invalid_argument("troupe: a length of " + std::to_string(width) +
                                " bytes is not of 1, 2 or 4");
  }
  if (order != std::endian::big && order != std::endian::little) {
    throw std::invalid_argument("troupe: a length whose bytes are in order " +
                                std::to_string(static_cast<int>(order)) +
                                ", neither std::endian::big nor little");
  }
}

std::optional<frame> length_framer::find(std::string_view input, std::error_code& error) {
  if (input.size() < width_) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < width_; ++i) {
    const std::size_t at = order_ == std::endian::big ? i : width_ - 1 - i;
    length = (length << 8U) | static_cast<std::uint8_t>(input[at]);
  }
  if (length > max_) {
    error = errc::too_long;
    return std::nullopt;
  }
  if (input.size() - width_ < length) return std::nullopt;
  return frame{input.substr(width_, length), width_ + length};
}

std::string length_framer::prefix(std::size_t body_size) const {
  const std::uint64_t most = (std::uint64_t{1} << (8 * width_)) - 1;
  if (body_size > max_ || body_size > most) {
    throw std::length_error("troupe: a frame of " + std::to_string(body_size) +
                            " bytes, of at most " +
                            std::to_string(std::min<std::uint64_t>(max_, most)));
  }
  std::string bytes(width_, '\0');
  for (std::size_t i = 0; i < width_; ++i) {
    const std::size_t at = order_ == std::endian::big ? width_ - 1 - i : i;
    bytes[at] = static_cast<char>(static_cast<std::uint8_t>(body_size >> (8 * i)));
  }
  return bytes;
}

}  // namespace troupe::io
