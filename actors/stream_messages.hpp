// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace troupe {

namespace detail {

class unhandled_bytes;

/// The bytes of one message, which count as unhandled as long as this lives.
class unhandled_share {
 public:
  unhandled_share(std::shared_ptr<unhandled_bytes> of, std::size_t bytes) noexcept;
  unhandled_share(unhandled_share&&) noexcept = default;
  unhandled_share& operator=(unhandled_share&&) = delete;
  ~unhandled_share();

 private:
  std::shared_ptr<unhandled_bytes> of_;
  std::size_t counted_;
};

}  // namespace detail

/// Names an active stream, or an active datagram socket, in its messages; unique within the
/// process, never given out again.
enum class stream_id : std::uint64_t {};

/// Without end, for the number of messages that an active stream may send.
inline constexpr std::size_t always = std::numeric_limits<std::size_t>::max();

/// Allows an active stream that many messages more; `always`: from now on without end.
struct read_more {
  std::size_t messages = 1;
};

/// The message that activate() promises: bytes that have come, never none, or the body of a frame.
/// Counts as unhandled until it is destroyed. Its handler takes it by reference or by value.
class tcp_data {
 public:
  tcp_data(tcp_data&&) noexcept = default;
  tcp_data& operator=(tcp_data&&) = delete;
  ~tcp_data() = default;

  /// For the runtime.
  tcp_data(stream_id of, std::string bytes, detail::unhandled_share share) noexcept
      : id(of), bytes_(std::move(bytes)), share_(std::move(share)) {}

  /// What came.
  const std::string& bytes() const noexcept { return bytes_; }
  /// What came, to keep; it counts no longer than this message.
  std::string take() noexcept { return std::exchange(bytes_, {}); }

  const stream_id id;

 private:
  std::string bytes_;
  detail::unhandled_share share_;
};

/// The last message of an active stream. No error: the peer has ended the stream;
/// errc::end_of_stream: it did so within a frame; errc::too_long: a frame exceeded its limit;
/// std::errc::not_enough_memory: for what was read, or to read it; else the system's error.
struct tcp_closed {
  stream_id id;
  std::error_code reason;
};

}  // namespace troupe
