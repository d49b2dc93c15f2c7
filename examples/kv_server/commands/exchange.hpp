// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_server/commands/begun_command.hpp>
#include <examples/kv_server/commands/command_table.hpp>
#include <examples/kv_server/protocol/reply_buffer.hpp>
#include <examples/kv_server/protocol/request_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace kv {

struct exchange_limits {
  request_limits request;
  std::size_t output = std::size_t{1024} * 1024 * 1024;  ///< bytes of answers that may wait
  std::size_t pattern = 1024;                            ///< bytes of one, as for KEYS
};

/// What passes between one client and the server: its requests, and the answers to them, in the
/// same order. Whoever holds the exchange executes the next requests: the connection, or a shard
/// that the connection handed it to. It is never in two hands, so nothing in it is copied or
/// locked.
class exchange {
  std::shared_ptr<client_memory> memory_;  // first, because what follows counts in it to its end
  std::shared_ptr<begun_command> begun_;

 public:
  /// Answers are sent as soon as so many bytes of them wait.
  static constexpr std::size_t send_at = 64 * 1024;

  /// Who is to execute a request, if not one shard alone.
  static constexpr std::uint32_t connection = 0xffff'ffff;
  static constexpr std::uint32_t several_shards = 0xffff'fffe;

  struct step {
    const command* what = nullptr;        ///< null: no such command
    std::uint32_t executor = connection;  ///< a shard, or one of the two above
    bool right_count = false;             ///< of arguments
  };

  /// What it holds is counted in `memory`, unless that is null; whatever makes it hold more may
  /// throw client_memory_exceeded. `begun`, unless null, is told of each request.
  explicit exchange(const exchange_limits& limits, std::shared_ptr<client_memory> memory = nullptr,
                    std::shared_ptr<begun_command> begun = nullptr)
      : memory_(std::move(memory)),
        begun_(std::move(begun)),
        in(limits.request, memory_.get()),
        out(limits.output, memory_.get()),
        counted_lists_(memory_.get()),
        limits_(limits),
        gathered_{0, reply_buffer(limits.output / 2, memory_.get()), {}} {}

  request_reader in;
  reply_buffer out;

  /// Decides who executes the requests that `in` holds.
  void plan(const command_table& commands, std::size_t shards);
  [[nodiscard]] bool done() const { return next_ == steps_.size(); }

  /// The next request, unless done().
  [[nodiscard]] const step& next() const { return steps_[next_]; }
  /// From here on it is the one that was begun last.
  [[nodiscard]] call begin_next();
  void advance() { ++next_; }

  /// Executes the next request and those behind it, as long as shard `mine` is to execute them, the
  /// answers are not due and none of them may have taken long. Called by that shard.
  void run_in_shard(store& keys, share mine);

  /// The next request, which several shards are to execute: whether its arguments are valid (if
  /// not, it is answered); whether a shard has to be visited; its part in a shard; its answer, from
  /// all.
  bool begin_visits();
  [[nodiscard]] bool concerns(share which);
  void visit(store& keys, share mine);
  void end_visits();

  /// An answer could not be given: the connection has to be closed.
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] std::size_t planned() const { return steps_.size(); }
  /// Forgets the requests, all of which were executed.
  void clear();

 private:
  [[nodiscard]] std::uint32_t executor(const command& what, std::span<argument> list,
                                       const arguments& given, std::size_t shards);

  [[nodiscard]] call next_call() {
    return {in.arguments_of(in.requests()[next_]), out, limits_.pattern};
  }
  void count_lists();

  counted_bytes counted_lists_;
  std::vector<step> steps_;
  std::size_t next_ = 0;
  const exchange_limits limits_;
  gathered gathered_;  // half of what may wait at most: the answer is a copy of it
  bool failed_ = false;
};

}  // namespace kv
