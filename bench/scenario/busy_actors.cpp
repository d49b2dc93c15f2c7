// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/scenario/arithmetic_chain.hpp>
#include <bench/scenario/busy_actors.hpp>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <system_error>
#include <thread>

namespace troupe::bench {
namespace {

// What one actor has done. The actor writes, the measuring thread reads; each number stands for
// itself, so every access is relaxed.
struct alignas(64) progress {
  std::atomic<bool> begun{false};
  std::atomic<std::uint64_t> units{0};
  std::string wrong;  // written before the actor ends, read after

  void add_unit() {
    units.store(units.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

// What the actors of kind alloc share.
struct guarded_map {
  std::mutex mutex;
  std::uint64_t insertions = 0;
  std::map<std::uint64_t, std::string> texts;
};

// Keeps blocks of memory, and knows what is in them.
class block_store {
 public:
  void churn(std::minstd_rand& random) {
    for (int i = 0; i < 50; ++i) {
      blocks_.emplace_back(1 + random() % 5000, fill());
      ++made_;
      if (blocks_.size() > most) drop(random() % most);
    }
  }

 private:
  static constexpr std::size_t most = 200;

  [[nodiscard]] char fill() const { return static_cast<char>('a' + made_ % 26); }

  void drop(std::size_t index) {
    const std::string& gone = blocks_[index];
    if (gone.front() != gone.back()) throw oracle_error("a block of memory was overwritten");
    blocks_[index].swap(blocks_.back());
    blocks_.pop_back();
  }

  std::vector<std::string> blocks_;
  std::uint64_t made_ = 0;
};

void throw_from_below(int frames, std::uint64_t code) {
  const std::string unwound(static_cast<std::size_t>(40 + frames), 'x');
  if (frames == 0) throw std::runtime_error("code " + std::to_string(code));
  throw_from_below(frames - 1, code);
}

void throw_and_catch(std::uint64_t code) {
  try {
    throw_from_below(5, code);
  } catch (const std::runtime_error& caught) {
    if (caught.what() != "code " + std::to_string(code)) throw oracle_error("another exception");
  }
}

void insert(guarded_map& target, std::minstd_rand& random) {
  const std::scoped_lock lock(target.mutex);
  ++target.insertions;
  target.texts[random() % 1000] = std::to_string(random());
}

class pipe_ends {
 public:
  pipe_ends() {
    if (::pipe(ends_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    ::close(ends_[0]);
    close_writing_end();
  }

  /// Blocks until the other end is closed; whether that is what happened.
  [[nodiscard]] bool read_to_end() const {
    char byte = 0;
    ssize_t got = 0;
    do {
      got = ::read(ends_[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got == 0;
  }
  void close_writing_end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace

struct busy_actors::shared {
  shared(std::size_t count, busy_kind what) : kind(what), progresses(count), all_ended(count) {}

  void compute(progress& mine) {
    arithmetic_chain chain;
    while (!stop.load(std::memory_order_relaxed)) {
      chain.do_unit();
      mine.add_unit();
    }
    chain.expect_right("a busy actor", mine.units.load(std::memory_order_relaxed));
  }

  void allocate(progress& mine, std::uint32_t seed) {
    std::minstd_rand random(seed);
    block_store blocks;
    while (!stop.load(std::memory_order_relaxed)) {
      blocks.churn(random);
      throw_and_catch(random());
      insert(map, random);
      mine.add_unit();
    }
  }

  void block(progress& mine) {
    if (!pipe.read_to_end()) throw oracle_error("read: " + std::string(std::strerror(errno)));
    mine.add_unit();
  }

  void run(std::size_t index) {
    progress& mine = progresses[index];
    mine.begun.store(true, std::memory_order_relaxed);
    try {
      if (kind == busy_kind::arithmetic) compute(mine);
      if (kind == busy_kind::alloc) allocate(mine, static_cast<std::uint32_t>(index + 1));
      if (kind == busy_kind::blocked) block(mine);
    } catch (const oracle_error& error) {
      mine.wrong = error.what();
    }
    all_ended.cross();
  }

  busy_kind kind;
  std::atomic<bool> stop{false};  // relaxed: says nothing about other data
  std::vector<progress> progresses;
  finish_line all_ended;
  guarded_map map;  // of kind alloc
  pipe_ends pipe;   // of kind blocked
};

busy_kind busy_kind_named(const std::string& name) {
  if (name == "alloc") return busy_kind::alloc;
  return name == "blocked" ? busy_kind::blocked : busy_kind::arithmetic;
}

busy_actors::busy_actors(system& sys, std::size_t count, busy_kind kind)
    : shared_(std::make_shared<shared>(count, kind)) {
  for (std::size_t i = 0; i < count; ++i) {
    sys.spawn([all = shared_, i](context& /*self*/) { all->run(i); });
  }
}

busy_actors::~busy_actors() {
  tell_to_stop();
  shared_->all_ended.wait();
}

bool busy_actors::wait_until_begun(std::chrono::milliseconds limit) const {
  const stopwatch watch;
  for (const progress& each : shared_->progresses) {
    while (!each.begun.load(std::memory_order_relaxed)) {
      if (watch.elapsed() > limit) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  return true;
}

std::vector<std::uint64_t> busy_actors::work() const {
  std::vector<std::uint64_t> units;
  for (const progress& each : shared_->progresses) {
    units.push_back(each.units.load(std::memory_order_relaxed));
  }
  return units;
}

void busy_actors::tell_to_stop() {
  if (shared_->stop.exchange(true, std::memory_order_relaxed)) return;
  shared_->pipe.close_writing_end();
}

void busy_actors::wait_and_check() {
  shared_->all_ended.wait();
  std::uint64_t units = 0;
  for (const progress& each : shared_->progresses) {
    if (!each.wrong.empty()) throw oracle_error(each.wrong);
    units += each.units.load(std::memory_order_relaxed);
  }
  if (shared_->kind == busy_kind::alloc) {
    expect_equal("insertions into the shared map", units, shared_->map.insertions);
  }
  if (shared_->kind == busy_kind::blocked) {
    expect_equal("actors whose read() came back", shared_->progresses.size(), units);
  }
}

}  // namespace troupe::bench
