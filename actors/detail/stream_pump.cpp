// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/stream_pump.hpp>

#include <troupe/base/error.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <stdexcept>

namespace troupe {
namespace {

/// What a message without bytes counts: a peer may send any number of empty frames.
constexpr std::size_t message_size = 128;  // about its memory

}  // namespace

tcp_data::tcp_data(stream_id of, std::string bytes,
                   std::shared_ptr<detail::unhandled_bytes> unhandled)
    : id(of),
      bytes_(std::move(bytes)),
      unhandled_(std::move(unhandled)),
      counted_(bytes_.size() + message_size) {
  unhandled_->add(counted_);
}

tcp_data::~tcp_data() {
  if (unhandled_ != nullptr) unhandled_->remove(counted_);
}

namespace detail {
namespace {

constexpr std::size_t chunk = 4096;  // arbitrary: a page of the worker's stack
constexpr int parts_per_turn = 16;   // arbitrary, as a worker's budget for events

constinit atomic<std::uint64_t> last_id{0};

}  // namespace

void unhandled_bytes::remove(std::size_t bytes) noexcept {
  const std::size_t before = count_.fetch_sub_relaxed(bytes);
  if (before < limit_ || before - bytes >= limit_) return;
  try {
    pump_.send(pump_on{});
  } catch (const std::exception&) {  // no memory for the message: read_more also lets it go on
  }
}

stream_id next_stream_id() noexcept {
  return static_cast<stream_id>(last_id.fetch_add_relaxed(1) + 1);  // only to be unique
}

void check_pump(bool has_stream, std::size_t max_unhandled, std::size_t max_frame) {
  if (!has_stream) throw std::logic_error("troupe: activate() without a stream");
  const auto check = [](const char* field, std::size_t value) {
    if (value == 0) {
      throw std::invalid_argument("troupe: active_options::" + std::string(field) +
                                  " = 0 is not at least 1");
    }
  };
  check("max_unhandled", max_unhandled);
  check("max_frame", max_frame);
}

void stream_pump::on(read_more wanted) {
  if (unhandled_ == nullptr) {
    unhandled_ = std::make_shared<unhandled_bytes>(setup_.max_unhandled, self().ref());
    self().monitor(setup_.owner);
  }
  allowed_ = wanted.messages > always - allowed_ ? always : allowed_ + wanted.messages;
  pump();
}

void stream_pump::pump() {
  for (int i = 0; i < parts_per_turn; ++i) {
    if (setup_.stream == nullptr || !may_send()) return;
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
  if (allowed_ != always) --allowed_;
  setup_.owner.send(tcp_data(setup_.id, std::move(bytes), unhandled_));
}

void stream_pump::close(std::error_code reason) {
  setup_.owner.send(tcp_closed{setup_.id, reason});
  setup_.stream.reset();
  self().quit();
}

}  // namespace detail
}  // namespace troupe
