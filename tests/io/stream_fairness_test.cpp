// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// Connections and actors share a worker, which nobody is preempted on here: what keeps them from
// starving each other is the number of turns.

#include <support/effort.hpp>

#include <gtest/gtest.h>

#include <troupe/troupe.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe {
namespace {

const system_options one_worker{.workers = 1, .preempt = {.mode = preemption::off}};

TEST(StreamFairness, ConnectionsThatAlwaysHaveBytesDoNotStarveAnActor) {
  constexpr std::size_t connections = 100;
  constexpr std::size_t bytes_each = 4096;
  constexpr std::uint64_t reads_per_turn = 16;
  const std::uint64_t wanted = test::scaled(connections * bytes_each / 4);
  std::atomic<std::uint64_t> reads{0};
  std::uint64_t most = 0;  // from one turn of the actor to the next
  troupe::system sys(one_worker);
  const auto read_all = [&](context&) {
    auto ends = io::local_stream::make_pair();
    ends.second.write_all(std::string(bytes_each, 'f'));
    std::array<std::byte, 1> room;
    for (std::size_t k = 0; k < bytes_each && reads < wanted; ++k) {
      ends.first.read_exactly(room);
      ++reads;
    }
  };
  static_cast<void>(sys.spawn([&](context& self) {
    // None of them runs before the first turn has ended.
    for (std::size_t i = 0; i < connections; ++i) static_cast<void>(self.spawn(read_all));
    for (std::uint64_t before = 0; before < wanted;) {
      self.yield();
      const std::uint64_t now = reads;
      most = std::max(most, now - before);
      before = now;
    }
  }));
  sys.await_actors();
  EXPECT_GE(reads, wanted);
  EXPECT_LE(most, 2 * connections * reads_per_turn);
}

TEST(StreamFairness, ActorsThatAlwaysHaveWorkDoNotStarveConnections) {
  constexpr std::uint64_t actors = 20;
  constexpr std::uint64_t connections = 8;
  const std::size_t rounds = test::scaled(500);
  std::atomic<std::uint64_t> live{connections};
  std::atomic<std::uint64_t> turns{0};
  std::uint64_t most = 0;  // for a question and its answer; there is one worker
  troupe::system sys(one_worker);
  for (std::uint64_t i = 0; i < actors; ++i) {
    static_cast<void>(sys.spawn([&](context& self) {
      while (live > 0) {
        ++turns;
        self.yield();
      }
    }));
  }
  for (std::uint64_t i = 0; i < connections; ++i) {
    auto ends = io::local_stream::make_pair();
    static_cast<void>(sys.spawn([stream = std::move(ends.second)](context&) mutable {
      std::array<std::byte, 8> room;
      while (const std::size_t got = stream.read(room)) {
        stream.write_all(std::span(room).first(got));
      }
    }));
    static_cast<void>(sys.spawn([&, stream = std::move(ends.first)](context&) mutable {
      std::array<std::byte, 1> room;
      for (std::size_t k = 0; k < rounds; ++k) {
        const std::uint64_t before = turns;
        stream.write_all("?");
        stream.read_exactly(room);
        most = std::max(most, turns - before);
      }
      --live;
    }));
  }
  sys.await_actors();
  // Each way: the next look at the sockets, then the turns of those who wait already.
  constexpr std::uint64_t turns_between_looks = 61;
  EXPECT_LE(most, 2 * 2 * (turns_between_looks + actors + 2 * connections));
}

/// Two ends pass a byte to and fro, until `wanted` have been passed between all pairs.
struct passing {
  void play(io::local_stream& end, std::size_t pair, std::string_view first) {
    std::array<std::byte, 1> room;
    std::error_code error;
    end.write_all(first, error);
    while (total < wanted) {
      end.read_exactly(room, error);
      if (error) return;  // the other one has ended
      ++total;
      longest = std::max(longest, total - std::exchange(latest[pair], total));
      end.write_all(room, error);
    }
  }
  std::size_t wanted;
  std::vector<std::size_t> latest;  // pass of each pair
  std::size_t total = 0;
  std::size_t longest = 0;  // from one pass of a pair to its next
};

// More of them than a worker's queue holds: who does not fit in may come later, but not ever later.
TEST(StreamFairness, ManyConnectionsHaveTheirTurnsWhateverIsHandledAtOnce) {
  constexpr std::size_t pairs = 400;
  for (const std::size_t events : {16U, 512U}) {
    auto options = one_worker;
    options.io.events_per_turn = events;
    passing all{.wanted = pairs * test::scaled(200), .latest = std::vector<std::size_t>(pairs)};
    troupe::system sys(options);
    static_cast<void>(sys.spawn([&all](context& self) {  // none of them runs before all are there
      for (std::size_t i = 0; i < pairs; ++i) {
        auto ends = io::local_stream::make_pair();
        self.spawn(
            [&all, i, end = std::move(ends.first)](context&) mutable { all.play(end, i, "x"); });
        self.spawn(
            [&all, i, end = std::move(ends.second)](context&) mutable { all.play(end, i, ""); });
      }
    }));
    sys.await_actors();
    EXPECT_LE(all.longest, 4 * pairs) << events;
  }
}

}  // namespace
}  // namespace troupe
