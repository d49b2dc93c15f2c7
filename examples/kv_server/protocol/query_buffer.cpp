// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/query_buffer.hpp>

#include <cstring>
#include <utility>

namespace kv {
namespace {

constexpr std::size_t kept_when_empty = 4 * query_buffer::chunk;
constexpr std::size_t worth_reading = 1024;  // less room is not worth a system call

}  // namespace

std::span<char> query_buffer::room() {
  if (capacity_ - end_ < worth_reading) {
    if (capacity_ == 0) {
      reallocate(chunk);
    } else if (begin_ >= size()) {
      // At least half of what is in use is consumed: moving pays for itself.
      std::memmove(memory_.get(), data(), size());
      end_ = size();
      begin_ = 0;
    } else {
      reallocate(2 * capacity_);
    }
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void query_buffer::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  if (capacity_ > kept_when_empty) {
    memory_.reset();
    capacity_ = 0;
    counted_.set(0);
  }
}

void query_buffer::reallocate(std::size_t capacity) {
  counted_.set(capacity_ + capacity);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  const auto used = size();
  if (used != 0) std::memcpy(larger.get(), data(), used);
  memory_ = std::move(larger);
  capacity_ = capacity;
  counted_.set(capacity);
  begin_ = 0;
  end_ = used;
}

}  // namespace kv
