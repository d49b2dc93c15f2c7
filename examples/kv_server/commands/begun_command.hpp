// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/command.hpp>

#include <atomic>
#include <string_view>

namespace kv {

/// The command that a client has begun last. Whoever executes its requests writes, others read at
/// any time; what is pointed to is constant, so every access is relaxed.
class begun_command {
 public:
  /// A request of these arguments begins; null: there is no such command.
  void set(const command* what, const arguments& given);

  /// As Redis calls it: "get", "client|list"; "NULL" for none yet, and for one that there is not.
  [[nodiscard]] std::string_view name() const {
    const auto* const name = name_.load(std::memory_order_relaxed);
    return name != nullptr ? *name : "NULL";
  }

 private:
  std::atomic<const std::string_view*> name_ = nullptr;
};

}  // namespace kv
