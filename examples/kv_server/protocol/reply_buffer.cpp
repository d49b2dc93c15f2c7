// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/reply_buffer.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace kv {
namespace {

constexpr std::size_t smallest = 1024;
constexpr std::size_t kept_when_empty = 64 * 1024;
constexpr std::size_t longest_number_line = 24;  // type, sign, 19 digits, line end

char* put_number(char* at, char type, std::int64_t number) {
  *at++ = type;
  at = std::to_chars(at, at + longest_number_line, number).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace

void reply_buffer::error(std::string_view text) {
  const auto start = size_ + 1;
  line('-', text.substr(0, text.find_last_not_of("\r\n") + 1));
  const auto end = size_ - 2;
  std::replace_if(
      memory_.get() + start, memory_.get() + end, [](char c) { return c == '\r' || c == '\n'; },
      ' ');
}

void reply_buffer::bulk(std::string_view text) {
  char* const start = room(longest_number_line + text.size() + 2);
  char* at = put_number(start, '$', static_cast<std::int64_t>(text.size()));
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at += text.size();
  *at++ = '\r';
  *at++ = '\n';
  size_ += static_cast<std::size_t>(at - start);
}

void reply_buffer::bulk_integer(std::int64_t number) {
  std::array<char, longest_number_line> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  bulk({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void reply_buffer::consume(std::size_t bytes) {
  if (bytes == size_) return clear();
  std::memmove(memory_.get(), memory_.get() + bytes, size_ - bytes);
  size_ -= bytes;
}

void reply_buffer::clear() {
  size_ = 0;
  if (capacity_ <= kept_when_empty) return;
  memory_.reset();
  capacity_ = 0;
  counted_.set(0);
}

void reply_buffer::grow(std::size_t bytes) {
  if (bytes > limit_ || size_ > limit_ - bytes) throw output_limit_exceeded();
  const auto capacity = std::min(std::max({smallest, 2 * capacity_, size_ + bytes}), limit_);
  counted_.set(capacity_ + capacity);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ != 0) std::memcpy(larger.get(), memory_.get(), size_);
  memory_ = std::move(larger);
  capacity_ = capacity;
  counted_.set(capacity);
}

void reply_buffer::line(char type, std::string_view text) {
  char* at = room(text.size() + 3);
  *at++ = type;
  at = std::copy(text.begin(), text.end(), at);
  *at++ = '\r';
  *at = '\n';
  size_ += text.size() + 3;
}

void reply_buffer::number_line(char type, std::int64_t number) {
  char* const start = room(longest_number_line);
  size_ += static_cast<std::size_t>(put_number(start, type, number) - start);
}

}  // namespace kv
