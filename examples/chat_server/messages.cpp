// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/messages.hpp>

#include <system_error>
#include <utility>

namespace chat {

bool offer(const member& to, const line& what) {
  auto& waiting = *to.waiting;
  const auto size = what.text->size();
  const auto before = waiting.bytes.fetch_add(size, std::memory_order_relaxed);
  try {
    if (before == 0 || before + size <= waiting.most_bytes) {
      to.outbox.send(what);
      return true;
    }
  } catch (const std::system_error& problem) {
    if (problem.code() != troupe::errc::mailbox_full) throw;  // which ends the sender
  }
  waiting.bytes.fetch_sub(size, std::memory_order_relaxed);
  return false;
}

line make_line(std::string_view text) {
  auto whole = std::make_shared<std::string>(text);
  whole->push_back('\n');
  return {std::move(whole)};
}

void name_list::add(std::string_view name) {
  constexpr std::size_t longest = 1000;  // arbitrary: some forty of the longest names
  if (others_ > 0 || shown_.size() + name.size() >= longest) {
    ++others_;
    return;
  }
  if (!shown_.empty()) shown_ += ' ';
  shown_ += name;
}

std::string name_list::text() const {
  return others_ == 0 ? shown_ : shown_ + " and " + std::to_string(others_) + " more";
}

}  // namespace chat
