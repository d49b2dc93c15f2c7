// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/stream_messages.hpp>
#include <troupe/base/atomic.hpp>
#include <troupe/io/framing.hpp>
#include <troupe/io/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

namespace troupe::detail {

/// The message by which a pump goes on: after its share of a turn, or when there is room again.
struct pump_on {};

/// Bytes that a pump has sent and its owner has not handled. Relaxed: the count alone is what is
/// exchanged; the pump is told of room by a message.
class unhandled_bytes {
 public:
  unhandled_bytes(std::size_t limit, any_ref pump) noexcept : limit_(limit), pump_(pump) {}

  void add(std::size_t bytes) noexcept { count_.fetch_add_relaxed(bytes); }
  /// Any thread. Exactly the one that makes room tells the pump so: a pump that has seen none waits
  /// for this.
  void remove(std::size_t bytes) noexcept;
  bool is_full() const noexcept { return count_.load_relaxed() >= limit_; }

 private:
  atomic<std::size_t> count_{0};
  std::size_t limit_;
  any_ref pump_;
};

/// What a pump is made of.
struct pump_setup {
  std::shared_ptr<io::stream> stream;
  any_ref owner;
  stream_id id;
  std::size_t max_unhandled;
  std::shared_ptr<io::framer> framing;
  std::size_t max_frame;
};

stream_id next_stream_id() noexcept;
/// Throws as activate() does.
void check_pump(bool has_stream, std::size_t max_unhandled, std::size_t max_frame);

/// What activate() starts: reads a stream, and sends what comes to its owner.
class stream_pump : public actor<void(read_more), void(pump_on)> {
 public:
  explicit stream_pump(pump_setup setup) noexcept : setup_(std::move(setup)) {}

  void on(read_more wanted);
  void on(pump_on) { pump(); }
  void on(io::socket_ready) { pump(); }
  void on(const down&) { self().quit(); }  // nobody is there to take anything

 private:
  void pump();
  bool may_send() const noexcept { return allowed_ > 0 && !unhandled_->is_full(); }
  bool send_frame();
  bool read(std::error_code& error);
  void send(std::string bytes);
  void close(std::error_code reason);

  pump_setup setup_;
  std::shared_ptr<unhandled_bytes> unhandled_;  // made when it first runs
  std::size_t allowed_ = 0;                     // messages
  std::string buffer_;                          // an incomplete frame
  std::size_t handled_ = 0;                     // of the buffer: in frames that have been sent
};

}  // namespace troupe::detail
