// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <utility>

namespace kv {

/// The buffers of all clients would take more than they may together.
class client_memory_exceeded : public std::length_error {
 public:
  client_memory_exceeded() : std::length_error("limit of all clients' buffers exceeded") {}
};

/// The bytes that the buffers of all clients take, and their bound. For any thread.
///
/// Beyond `limit` somebody is asked to let go of the clients that hold most. That takes a moment,
/// in which others may go on up to a quarter more; whoever would go beyond that is refused.
class all_clients_memory {
 public:
  /// `limit` 0: none. `relieve` is called by whoever has exceeded it, once until relieving() is
  /// called; it may run on any thread, several times at once, and must not throw or wait.
  all_clients_memory(std::size_t limit, std::function<void()> relieve)
      : limit_(limit), relieve_(std::move(relieve)) {}

  [[nodiscard]] std::size_t limit() const { return limit_; }
  [[nodiscard]] std::size_t held() const { return held_.load(std::memory_order_relaxed); }

  /// From whoever was asked: it looks at what is held from now on.
  void relieving() {
    // Acquires from everybody who has found that somebody was asked: their bytes are seen.
    static_cast<void>(asked_.exchange(false, std::memory_order_acq_rel));
  }

  /// Throws client_memory_exceeded, and then counts nothing.
  void add(std::size_t bytes);
  void remove(std::size_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const std::size_t limit_;
  const std::function<void()> relieve_;
  std::atomic<std::size_t> held_ = 0;  // relaxed: what has to see it is ordered by asked_
  std::atomic<bool> asked_ = false;    // somebody who has not called relieving() since
};

/// The part of it that one client holds. Its buffers count, each by a counted_bytes of its own, and
/// may outlive its connection: a shard has them as long as it executes.
class client_memory {
 public:
  explicit client_memory(all_clients_memory& all) : all_(all) {}
  client_memory(const client_memory&) = delete;
  client_memory& operator=(const client_memory&) = delete;
  ~client_memory() { all_.remove(held()); }

  /// No less than what is in the sum of all that is read after this, once it is closed.
  [[nodiscard]] std::size_t held() const {
    // Acquires from remove(): whoever sees this without the bytes sees the sum without them.
    return held_.load(std::memory_order_acquire) & ~closed;
  }

  /// Throws client_memory_exceeded, and then counts nothing; also when it is closed.
  void add(std::size_t bytes) {
    if (!add_unless_closed(bytes)) throw client_memory_exceeded();
  }
  /// False: it is closed. Throws client_memory_exceeded. Counts nothing in either case.
  [[nodiscard]] bool add_unless_closed(std::size_t bytes);
  void remove(std::size_t bytes) noexcept {
    all_.remove(bytes);  // first, as add() is the other way round: never more there than here
    held_.fetch_sub(bytes, std::memory_order_release);
  }

  /// The client is to go: what it holds becomes less from now on, and never more. Returns that.
  std::size_t close() noexcept {
    // Acquires as held() does. What was added before is in it in any order: the number is the same.
    return held_.fetch_or(closed, std::memory_order_acquire) & ~closed;
  }

 private:
  static constexpr std::size_t closed = ~(~std::size_t{0} >> 1U);  // a bit that no sum reaches

  all_clients_memory& all_;
  std::atomic<std::size_t> held_ = 0;
};

/// What one buffer takes of its client's memory, as long as it lives.
class counted_bytes {
 public:
  /// `of` may be null: then nothing is counted.
  explicit counted_bytes(client_memory* of) : of_(of) {}
  counted_bytes(const counted_bytes&) = delete;
  counted_bytes& operator=(const counted_bytes&) = delete;
  ~counted_bytes() {
    if (of_ != nullptr) of_->remove(bytes_);
  }

  /// The buffer takes `bytes` from now on; to be said before it takes more, and after it has less.
  /// Throws client_memory_exceeded when it is more than there may be, and then changes nothing.
  void set(std::size_t bytes) {
    if (of_ == nullptr || bytes == bytes_) return;
    bytes > bytes_ ? of_->add(bytes - bytes_) : of_->remove(bytes_ - bytes);
    bytes_ = bytes;
  }

 private:
  client_memory* of_;
  std::size_t bytes_ = 0;
};

}  // namespace kv
