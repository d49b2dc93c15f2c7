// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

#include <memory>
#include <random>
#include <vector>

namespace troupe::bench {
namespace {

struct ping {
  std::size_t from;
};
struct pong {};
struct get_handled {};
struct handled {
  std::uint64_t pings;
  std::uint64_t pongs;
};
struct play {};

using player_ref = actor_ref<void(ping), void(pong)>;
using player_list = std::shared_ptr<const std::vector<player_ref>>;
struct meet {
  player_list all;
};

/// Pings a random other actor, waits for its pong, pings the next one.
class player : public actor<void(meet), void(play), void(ping), void(pong), handled(get_handled)> {
 public:
  player(std::size_t index, std::uint64_t pings, finish_line* finished)
      : index_(index),
        pings_(pings),
        random_(static_cast<std::uint32_t>(index + 1)),
        finished_(finished) {}

  void on(meet&& introduced) { all_ = std::move(introduced.all); }
  void on(play) { send_ping(); }
  void on(ping received) {
    ++handled_.pings;
    (*all_)[received.from].send(pong{});
  }
  void on(pong) {
    if (++handled_.pongs == pings_) {
      finished_->cross();
    } else {
      send_ping();
    }
  }
  handled on(get_handled) { return handled_; }

 private:
  void send_ping() { (*all_)[random_() % all_->size()].send(ping{index_}); }

  player_list all_;
  std::size_t index_;
  std::uint64_t pings_;
  handled handled_{};
  std::minstd_rand random_;
  finish_line* finished_;
};

result run(const arguments& with) {
  const std::uint64_t pings = with.count("pings");
  std::vector<ref_of<player>> players(with.count("actors"));
  finish_line finished(players.size());
  system sys(options_from(with));
  for (std::size_t i = 0; i < players.size(); ++i) {
    players[i] = sys.spawn<player>(i, pings, &finished);
  }
  const auto all = std::make_shared<const std::vector<player_ref>>(players.begin(), players.end());
  for (const auto& each : players) each.send(meet{all});

  const stopwatch watch;
  for (const auto& each : players) each.send(play{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  std::uint64_t pinged = 0;
  for (const auto& each : players) {
    const handled sum = sys.ask(each, get_handled{});
    expect_equal("pongs of an actor", pings, sum.pongs);
    pinged += sum.pings;
  }
  expect_equal("pings", pings * players.size(), pinged);
  return {.ops = pinged, .elapsed = elapsed};
}

const registration here({
    .name = "big",
    .summary = "Savina's big: many actors ping random others; an op is a round trip, ping and pong",
    .parameters = {{.name = "actors", .default_value = std::uint64_t{120}, .help = "that play"},
                   {.name = "pings",
                    .default_value = std::uint64_t{100'000},
                    .help = "of each actor"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench
