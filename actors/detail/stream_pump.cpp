// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/stream_pump.hpp>

#include <troupe/base/error.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace troupe::detail {
namespace {

constexpr std::size_t chunk = 4096;  // arbitrary: a page of the worker's stack

}  // namespace

void stream_pump::on(read_more wanted) {
  run_turn([&] {
    if (!allowance_.has_begun()) begin();
    allowance_.add(wanted);
    pump();
  });
}

void stream_pump::begin() {
  allowance_.begin(setup_.max_unhandled, self().ref());
  self().monitor(setup_.owner);
}

void stream_pump::pump() {
  for (int i = 0; i < parts_per_turn; ++i) {
    if (setup_.stream == nullptr || !allowance_.may_send()) return;
    std::error_code error;
    if (send_frame()) continue;
    if (setup_.stream == nullptr) return;  // a frame too long
    if (!read(error)) {
      if (error != std::errc::operation_would_block) return close(error);
      return setup_.stream->notify_readable(self());
    }
  }
  self().ref().send(pump_on{});  // others go first
}

/// Sends the next frame of what has been read; false: there is none.
bool stream_pump::send_frame() {
  if (setup_.framing == nullptr) return false;
  std::error_code error;
  const std::string_view rest = std::string_view(buffer_).substr(handled_);
  const std::optional<io::frame> found = setup_.framing->find(rest, error);
  if (found) {
    send(std::string(found->body));
    handled_ += found->size;
    return true;
  }
  buffer_.erase(0, std::exchange(handled_, 0));
  if (!error && buffer_.size() >= setup_.max_frame) error = errc::too_long;
  if (error) close(error);
  return false;
}

/// False: there is nothing now, or, without that error, nothing any more.
bool stream_pump::read(std::error_code& error) {
  std::array<std::byte, chunk> room;
  const std::size_t most =
      setup_.framing == nullptr ? chunk : std::min(chunk, setup_.max_frame - buffer_.size());
  const std::size_t got = setup_.stream->try_read(std::span(room).first(most), error);
  if (got == 0) {
    if (!error && !buffer_.empty()) error = errc::end_of_stream;
    return false;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(room.data()), got);
  if (setup_.framing == nullptr) {
    send(std::string(bytes));
  } else {
    buffer_ += bytes;
  }
  return true;
}

void stream_pump::send(std::string bytes) {
  unhandled_share share = allowance_.take(bytes.size());
  setup_.owner.send(tcp_data(setup_.id, std::move(bytes), std::move(share)));
}

void stream_pump::close(std::error_code reason) {
  setup_.owner.send(tcp_closed{setup_.id, reason});
  setup_.stream.reset();
  self().quit();
}

}  // namespace troupe::detail
