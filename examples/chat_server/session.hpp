// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/chat_server/outbox.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace chat {

struct chat_limits {
  std::size_t line_length = 1024;
  std::size_t lines_waiting = 1000;  ///< for a client that does not read
  std::size_t bytes_waiting = std::size_t{256} * 1024;
  std::size_t lines_per_second = 50;  ///< from a client
  std::chrono::milliseconds idle{3'600'000};
  std::chrono::milliseconds write{10'000};
};

/// A client's session, as seen by the actor that reads what the client sends.
class session {
 public:
  session(troupe::context self, directory_ref home, std::shared_ptr<connection> client,
          const chat_limits& limits);

  /// Until the client has gone, or has to go. **Suspends**. **Errors** std::system_error.
  void run();

 private:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] bool handle(std::string_view text);
  void command(std::string_view name, std::string_view rest);
  void nick(std::string_view nickname);
  void join(std::string_view room);
  void leave_room();
  void list_present();
  void whisper(std::string_view rest);
  void tell(std::string_view text);
  void keep_pace();

  troupe::context self_;
  directory_ref home_;
  std::shared_ptr<connection> client_;
  chat_limits limits_;
  member me_;
  std::optional<room_ref> room_;
  clock::time_point next_line_ = clock::now();
};

}  // namespace chat
