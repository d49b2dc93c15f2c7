// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <bench/harness/finish_line.hpp>

#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace troupe::bench {

struct answer {};
struct question {
  actor_ref<void(answer)> reply_to;
};
struct get_answers {};

/// Handler style: owns nothing while it waits for the question, and answers it.
class sleeper : public actor<void(question)> {
 public:
  void on(const question& asked) { asked.reply_to.send(answer{}); }
};

/// Direct style: the same, waiting on a stack of its own. Ends with its answer.
inline void wait_and_answer(context& self, std::atomic<std::uint64_t>* waiting) {
  waiting->fetch_add(1, std::memory_order_relaxed);  // only a count; the reader polls it
  self.receive([](const question& asked) { asked.reply_to.send(answer{}); });
}

/// Counts the answers, and crosses the line with the last.
class answer_counter : public actor<void(answer), std::uint64_t(get_answers)> {
 public:
  answer_counter(std::uint64_t expected, finish_line* finished)
      : expected_(expected), finished_(finished) {}

  void on(answer) {
    if (++answers_ == expected_) finished_->cross();
  }
  std::uint64_t on(get_answers) { return answers_; }

 private:
  std::uint64_t answers_ = 0;
  std::uint64_t expected_;
  finish_line* finished_;
};

/// Spawns the sleepers named by `style` ("handler" or "direct") into `into`, all of it; returns
/// when each of them waits for its question, but for the last few instructions.
inline void spawn_sleepers(system& sys, const std::string& style,
                           std::vector<actor_ref<void(question)>>& into) {
  std::atomic<std::uint64_t> waiting{0};
  if (style == "handler") {
    for (auto& each : into) each = sys.spawn<sleeper>();
    return;
  }
  for (auto& each : into) each = sys.spawn<void(question)>(wait_and_answer, &waiting);
  while (waiting.load(std::memory_order_relaxed) < into.size()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace troupe::bench
