// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// What calls that read more than once have in common, whatever they read from. `read(room, error)`
// answers how many bytes came, 0 at the end of the stream.

#include <troupe/base/error.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace troupe::io::detail {

/// stream::read_exactly()
template <class Read>
std::size_t fill_by(Read read, std::span<std::byte> buffer, std::error_code& error) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t got = read(buffer.subspan(filled), error);
    if (!error && got == 0) error = errc::end_of_stream;
    if (error) break;
    filled += got;
  }
  return filled;
}

/// stream::read_until()
template <class Read>
std::size_t append_until_by(Read read, std::string& buffer, std::string_view delimiter,
                            std::size_t max, std::error_code& error) {
  constexpr std::size_t chunk = 4096;  // arbitrary: a page
  for (std::size_t searched = 0;;) {
    const std::size_t at = buffer.find(delimiter, searched);
    if (at != std::string::npos && at + delimiter.size() <= max) return at + delimiter.size();
    if (at != std::string::npos || buffer.size() >= max) error = errc::too_long;
    if (error) return 0;

    const std::size_t before = buffer.size();
    searched = before - std::min(before, delimiter.size() - 1);  // it may have begun already
    buffer.resize(before + std::min(chunk, max - before));
    std::size_t got = 0;
    try {
      got = read(std::as_writable_bytes(std::span(buffer)).subspan(before), error);
    } catch (...) {
      buffer.resize(before);
      throw;
    }
    buffer.resize(before + got);
    if (!error && got == 0) error = errc::end_of_stream;
  }
}

}  // namespace troupe::io::detail
