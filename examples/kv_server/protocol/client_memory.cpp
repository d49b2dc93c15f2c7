// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/client_memory.hpp>

namespace kv {

void all_clients_memory::add(std::size_t bytes) {
  const std::size_t before = held_.fetch_add(bytes, std::memory_order_relaxed);
  if (limit_ == 0 || (bytes <= limit_ && before <= limit_ - bytes)) return;
  const bool refused = bytes > limit_ || before > limit_ + limit_ / 4 - bytes;
  if (refused) remove(bytes);
  // Releases our bytes to whoever was asked already, and has yet to call relieving().
  if (!asked_.exchange(true, std::memory_order_acq_rel)) relieve_();
  if (refused) throw client_memory_exceeded();
}

bool client_memory::add_unless_closed(std::size_t bytes) {
  // Relaxed: close() changes the same number, and so comes before this or after it.
  const bool is_closed = (held_.fetch_add(bytes, std::memory_order_relaxed) & closed) != 0;
  try {
    if (!is_closed) all_.add(bytes);
  } catch (...) {
    held_.fetch_sub(bytes, std::memory_order_relaxed);
    throw;
  }
  if (is_closed) held_.fetch_sub(bytes, std::memory_order_relaxed);
  return !is_closed;
}

}  // namespace kv
