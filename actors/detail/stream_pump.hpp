// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/detail/pumping.hpp>
#include <troupe/actors/stream_messages.hpp>
#include <troupe/io/framing.hpp>
#include <troupe/io/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

namespace troupe::detail {

/// What a pump is made of.
struct pump_setup {
  std::shared_ptr<io::stream> stream;
  any_ref owner;
  stream_id id;
  std::size_t max_unhandled;
  std::shared_ptr<io::framer> framing;
  std::size_t max_frame;
};

/// What activate() starts: reads a stream, and sends what comes to its owner.
class stream_pump : public actor<void(read_more), void(pump_on)> {
 public:
  explicit stream_pump(pump_setup setup) noexcept : setup_(std::move(setup)) {}

  void on(read_more wanted);
  void on(pump_on) {
    run_turn([&] { pump(); });
  }
  void on(io::socket_ready) {
    run_turn([&] { pump(); });
  }
  void on(const down&) { self().quit(); }  // nobody is there to take anything

 private:
  template <class Turn>
  void run_turn(Turn&& turn) {
    run_or_close(turn, [&](std::error_code reason) { close(reason); });
  }

  void begin();
  void pump();
  bool send_frame();
  bool read(std::error_code& error);
  void send(std::string bytes);
  void close(std::error_code reason);

  pump_setup setup_;
  send_allowance allowance_;
  std::string buffer_;       // an incomplete frame
  std::size_t handled_ = 0;  // of the buffer: in frames that have been sent
};

}  // namespace troupe::detail
