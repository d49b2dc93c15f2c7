// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/messages.hpp>

#include <system_error>

namespace chat {

bool offer(const outbox_ref& to, const line& what) {
  try {
    to.send(what);
    return true;
  } catch (const std::system_error& problem) {
    if (problem.code() == troupe::errc::mailbox_full) return false;
    throw;
  }
}

line make_line(std::string_view text) {
  auto whole = std::make_shared<std::string>(text);
  whole->push_back('\n');
  return {std::move(whole)};
}

}  // namespace chat
