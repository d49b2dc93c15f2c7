// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/service/server.hpp>
#include <examples/kv_server/service/session.hpp>
#include <troupe/io/tcp_stream.hpp>
#include <troupe/troupe.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace kv {

/// One client, from its first byte to its last: reads requests, has them executed, sends the
/// answers. Written as if it were alone in the program and every call blocked.
class connection {
 public:
  connection(troupe::context self, server& home, troupe::io::tcp_stream stream,
             std::shared_ptr<client_record> client);

  /// Returns when the connection is to be closed, for whatever reason.
  void serve();

 private:
  [[nodiscard]] bool read_requests();
  [[nodiscard]] std::optional<std::chrono::nanoseconds> silence_limit() const;
  [[nodiscard]] bool read_some();
  [[nodiscard]] bool wait_for_bytes_or_messages();
  void execute();
  [[nodiscard]] bool client_stays();
  void execute_next();
  void execute_here();
  void execute(const command& what, call& c);
  void visit_shards();
  void hand_to(const shard_ref& shard);
  [[nodiscard]] bool send_answers();

  troupe::context self_;
  server& home_;
  troupe::io::tcp_stream stream_;
  std::shared_ptr<client_record> client_;
  session session_;
  std::unique_ptr<exchange> exchange_;  // elsewhere while a shard executes
  bool notice_requested_ = false;
};

/// The body of a connection's actor.
void serve_client(troupe::context& self, server* home, troupe::io::tcp_stream stream,
                  std::shared_ptr<client_record> client, connection_slot slot);

}  // namespace kv
