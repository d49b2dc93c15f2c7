// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/begun_command.hpp>
#include <examples/kv_server/protocol/client_memory.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace kv {

/// What went through connections.
struct client_traffic {
  std::uint64_t commands = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t writes = 0;  ///< to the socket: many answers each, if requests come many at a time

  client_traffic& operator+=(const client_traffic& other) {
    commands += other.commands;
    bytes_in += other.bytes_in;
    bytes_out += other.bytes_out;
    writes += other.writes;
    return *this;
  }
};

/// What a connection is from its beginning.
struct client_identity {
  std::uint64_t id = 0;
  std::string peer;
  std::string local;
  int descriptor = -1;
  milliseconds_since_epoch since = 0;
};

/// What others may know of a connection at any time, without keeping it from its work: its actor
/// writes, CLIENT LIST and INFO read. Each number stands for itself, so every access is relaxed.
class client_record {
 public:
  client_record(client_identity who, all_clients_memory& all)
      : who_(std::move(who)), memory_(std::make_shared<client_memory>(all)), active_(who_.since) {}

  [[nodiscard]] const client_identity& who() const { return who_; }
  /// What is held for the client; its buffers count themselves.
  [[nodiscard]] const std::shared_ptr<client_memory>& memory() const { return memory_; }

  // --- by the connection

  void received(std::size_t bytes, milliseconds_since_epoch now) {
    add(bytes_in_, bytes);
    active_.store(now, std::memory_order_relaxed);
  }
  /// By one write.
  void sent(std::size_t bytes) {
    add(bytes_out_, bytes);
    add(writes_, 1);
  }
  void executed(std::size_t requests) { add(commands_, requests); }
  void spun() { add(spins_, 1); }
  void subscribed(std::size_t channels, std::size_t patterns) {
    channels_.store(channels, std::memory_order_relaxed);
    patterns_.store(patterns, std::memory_order_relaxed);
  }

  // --- published messages that wait for the client: the broker adds, the connection takes away

  /// How many bytes wait then; std::nullopt: the client is to go. Throws client_memory_exceeded.
  /// None are added in either case.
  std::optional<std::size_t> add_waiting(std::size_t bytes) {
    if (!memory_->add_unless_closed(bytes)) return std::nullopt;
    return waiting_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  }
  void remove_waiting(std::size_t bytes) {
    waiting_.fetch_sub(bytes, std::memory_order_relaxed);
    memory_->remove(bytes);
  }

  // --- by who executes its requests, a shard or the connection

  [[nodiscard]] begun_command& last() { return last_; }

  // --- by anybody

  [[nodiscard]] client_traffic traffic() const {
    return {commands_.load(std::memory_order_relaxed), bytes_in_.load(std::memory_order_relaxed),
            bytes_out_.load(std::memory_order_relaxed), writes_.load(std::memory_order_relaxed)};
  }
  [[nodiscard]] milliseconds_since_epoch active() const {
    return active_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] const begun_command& last() const { return last_; }
  [[nodiscard]] std::uint64_t spins() const { return spins_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t channels() const { return channels_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t patterns() const { return patterns_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  // One writer: no need for an atomic addition.
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  const client_identity who_;
  const std::shared_ptr<client_memory> memory_;
  std::atomic<std::uint64_t> commands_ = 0;
  std::atomic<std::uint64_t> bytes_in_ = 0;
  std::atomic<std::uint64_t> bytes_out_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
  std::atomic<milliseconds_since_epoch> active_;
  begun_command last_;
  std::atomic<std::uint64_t> spins_ = 0;
  std::atomic<std::size_t> channels_ = 0;
  std::atomic<std::size_t> patterns_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace kv
