// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/numbers.hpp>
#include <examples/kv_server/protocol/inline_arguments.hpp>
#include <examples/kv_server/protocol/request_reader.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace kv {
namespace {

// Gives the memory of an unusually long request back.
template <class T>
void shrink(std::vector<T>& list) {
  constexpr std::size_t kept = 4096;
  if (list.capacity() > kept && list.size() < kept / 2) list.shrink_to_fit();
}

}  // namespace

request_reader::state request_reader::parse() {
  for (;;) {
    switch (parse_one()) {
      case step::done:
        continue;
      case step::incomplete:
        count_lists();
        return buffer_.size() > limits_.buffer ? state::too_large : state::ok;
      case step::failed:
        return state::protocol_error;
    }
  }
}

void request_reader::drop_parsed() {
  if (frame_ == 0) return;  // what an unfinished request has brought so far is not touched
  buffer_.consume(frame_);
  list_.erase(list_.begin(), list_.begin() + static_cast<std::ptrdiff_t>(first_));
  for (auto& each : list_) each.offset -= static_cast<std::uint32_t>(frame_);
  requests_.clear();
  shrink(list_);
  shrink(requests_);
  count_lists();
  at_ -= frame_;
  scanned_ = scanned_ > frame_ ? scanned_ - frame_ : 0;
  frame_ = 0;
  first_ = 0;
}

request_reader::step request_reader::parse_one() {
  if (missing_ != 0) return parse_array();
  if (at_ == buffer_.size()) return step::incomplete;
  return buffer_.data()[at_] == '*' ? parse_array() : parse_inline();
}

request_reader::step request_reader::parse_inline() {
  std::size_t end = 0;
  if (const auto found = find_line_end('\n', "too big inline request", end); found != step::done) {
    return found;
  }
  const auto next = end + 1;
  if (end > at_ && buffer_.data()[end - 1] == '\r') --end;
  if (!split_inline(buffer_.data(), at_, end, list_)) return fail("unbalanced quotes in request");
  at_ = next;
  request_complete();
  return step::done;
}

request_reader::step request_reader::parse_array() {
  if (missing_ == 0) {
    if (const auto count = parse_count(); count != step::done) return count;
  }
  while (missing_ != 0) {
    if (const auto argument = parse_argument(); argument != step::done) return argument;
  }
  request_complete();
  return step::done;
}

request_reader::step request_reader::parse_count() {
  std::size_t end = 0;
  if (const auto found = find_line_end('\r', "too big mbulk count string", end);
      found != step::done) {
    return found;
  }
  const auto count = parse_integer({buffer_.data() + at_ + 1, end - at_ - 1});
  if (!count || *count > static_cast<std::int64_t>(limits_.arguments)) {
    return fail("invalid multibulk length");
  }
  at_ = end + 2;
  missing_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
  return step::done;
}

request_reader::step request_reader::parse_argument() {
  if (length_ == no_length) {
    if (const auto length = parse_length(); length != step::done) return length;
  }
  const auto length = static_cast<std::size_t>(length_);
  if (buffer_.size() - at_ < length + 2) return step::incomplete;
  list_.push_back({static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length), 0});
  at_ += length + 2;  // what stands for the line end is not looked at, as in Redis
  length_ = no_length;
  --missing_;
  return step::done;
}

request_reader::step request_reader::parse_length() {
  std::size_t end = 0;
  if (const auto found = find_line_end('\r', "too big bulk count string", end);
      found != step::done) {
    return found;
  }
  const char* const line = buffer_.data() + at_;
  if (*line != '$') {
    std::string problem("expected '$', got '");
    problem.push_back(*line);
    problem.push_back('\'');
    return fail(std::move(problem));
  }
  const auto length = parse_integer({line + 1, end - at_ - 1});
  if (!length || *length < 0 || *length > static_cast<std::int64_t>(limits_.argument)) {
    return fail("invalid bulk length");
  }
  at_ = end + 2;
  length_ = *length;
  return step::done;
}

// Sets `end` to the position of `mark`, behind which another byte must have arrived when it is
// '\r'.
request_reader::step request_reader::find_line_end(char mark, const char* too_big,
                                                   std::size_t& end) {
  const auto from = std::max(scanned_, at_);
  const char* const base = buffer_.data();
  const void* const found =
      from < buffer_.size() ? std::memchr(base + from, mark, buffer_.size() - from) : nullptr;
  const auto length = (found != nullptr ? static_cast<const char*>(found) - base
                                        : static_cast<std::ptrdiff_t>(buffer_.size())) -
                      static_cast<std::ptrdiff_t>(at_);
  if (length > static_cast<std::ptrdiff_t>(limits_.line)) return fail(too_big);
  end = at_ + static_cast<std::size_t>(length);
  scanned_ = end;
  if (found == nullptr || (mark == '\r' && end + 1 == buffer_.size())) return step::incomplete;
  return step::done;
}

void request_reader::request_complete() {
  // An empty line or array is no request, and not an error either.
  if (list_.size() > first_) {
    requests_.push_back(
        {static_cast<std::uint32_t>(first_), static_cast<std::uint32_t>(list_.size() - first_)});
  }
  first_ = list_.size();
  frame_ = at_;
}

void request_reader::count_lists() {
  counted_lists_.set(list_.capacity() * sizeof(argument) + requests_.capacity() * sizeof(request));
}

request_reader::step request_reader::fail(std::string what) {
  error_ = std::move(what);
  return step::failed;
}

}  // namespace kv
