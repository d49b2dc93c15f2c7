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

}  // namespace kv
