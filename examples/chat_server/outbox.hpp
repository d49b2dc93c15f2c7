// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/chat_server/messages.hpp>
#include <examples/common/complaints.hpp>
#include <examples/common/serve.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace chat {

/// What a client's two actors share: the session reads from the stream, the outbox writes to it.
struct connection {
  troupe::io::tcp_stream stream;
  examples::connection_slot slot;
  std::shared_ptr<backlog> waiting;
  std::shared_ptr<examples::complaints> complaints;  ///< of those that fail
};

/// Starts the actor that writes to a client. At most `most_lines` wait in its mailbox, and the
/// client must take 16 KiB in `write_timeout`. It ends when the session, which is the calling
/// actor, has ended and what waits is written; when it ends before, it asks the session to end too.
[[nodiscard]] outbox_ref spawn_outbox(troupe::context& session, std::shared_ptr<connection> client,
                                      std::size_t most_lines,
                                      std::chrono::milliseconds write_timeout);

}  // namespace chat
