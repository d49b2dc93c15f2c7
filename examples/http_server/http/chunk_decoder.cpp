// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/http/chunk_decoder.hpp>

#include <algorithm>

namespace http {
namespace {

// Of no digit: -1.
int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// What may stand in an extension, or a field's value.
bool is_text(char byte) {
  return byte == '\t' || (static_cast<unsigned char>(byte) >= ' ' && byte != '\x7f');
}

bool is_token(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
}

}  // namespace

chunk_decoder::step chunk_decoder::decode(std::string_view input) {
  step result;
  while (result.taken < input.size() && state_ == state::within) {
    if (part_ == part::data) {
      const auto rest = input.substr(result.taken);
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, rest.size()));
      missing_ -= size;
      if (missing_ == 0) part_ = part::data_cr;
      result.taken += size;
      result.data = rest.substr(0, size);
      return result;
    }
    if (++around_ > most_around_) {
      state_ = state::too_long;
      return result;
    }
    take(input[result.taken++]);
  }
  return result;
}

void chunk_decoder::take(char byte) {
  switch (part_) {
    case part::size:
    case part::extension:
      return take_of_size(byte);
    case part::size_end:
      if (byte != '\n') break;
      return end_of_size();
    case part::data:
      return;  // not byte by byte
    case part::data_cr:
      return expect(byte, '\r', part::data_lf);
    case part::data_lf:
      // Its framing does not count any more: there may be as many chunks as a body has bytes.
      around_ = 0;
      return expect(byte, '\n', part::size);
    case part::trailer_begin:
    case part::trailer_name:
    case part::trailer_value:
      return take_of_trailer(byte);
    case part::trailer_lf:
      return expect(byte, '\n', part::trailer_begin);
    case part::last_lf:
      if (byte != '\n') break;
      state_ = state::complete;
      return;
  }
  state_ = state::malformed;
}

void chunk_decoder::take_of_size(char byte) {
  constexpr unsigned most_digits = 15;  // more do not fit, and are no chunk of ours
  if (byte == '\r' && digits_ > 0) {
    part_ = part::size_end;
  } else if (part_ == part::extension) {
    if (!is_text(byte)) state_ = state::malformed;
  } else if (const int value = value_of(byte); value >= 0 && digits_ < most_digits) {
    ++digits_;
    missing_ = missing_ * 16 + static_cast<unsigned>(value);
  } else if (digits_ > 0 && (byte == ';' || byte == ' ' || byte == '\t')) {
    part_ = part::extension;
  } else {
    state_ = state::malformed;
  }
}

void chunk_decoder::end_of_size() {
  digits_ = 0;
  part_ = missing_ > 0 ? part::data : part::trailer_begin;
}

void chunk_decoder::take_of_trailer(char byte) {
  if (part_ == part::trailer_value) {
    if (byte == '\r') {
      part_ = part::trailer_lf;
    } else if (!is_text(byte)) {
      state_ = state::malformed;
    }
  } else if (part_ == part::trailer_begin && byte == '\r') {
    part_ = part::last_lf;
  } else if (part_ == part::trailer_name && byte == ':') {
    part_ = part::trailer_value;
  } else if (is_token(byte)) {
    part_ = part::trailer_name;
  } else {
    state_ = state::malformed;
  }
}

void chunk_decoder::expect(char byte, char expected, part next) {
  if (byte == expected) {
    part_ = next;
  } else {
    state_ = state::malformed;
  }
}

}  // namespace http
