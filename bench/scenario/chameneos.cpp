// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

#include <vector>

namespace troupe::bench {
namespace {

enum class colour { blue, red, yellow, faded };

colour complement(colour a, colour b) {
  if (a == b) return a;
  return static_cast<colour>(3 - static_cast<int>(a) - static_cast<int>(b));
}

struct change {
  colour to;
};
struct close {};
struct meeting;
using creature_ref = actor_ref<void(meeting), void(change), void(close)>;
struct meeting {
  creature_ref who;
  colour looks;
};
struct farewell {
  std::uint64_t meetings;
};
using mall_ref = actor_ref<void(meeting), void(farewell)>;
struct enter {};

/// Goes to the mall over and over, until it closes.
class creature : public actor<void(enter), void(meeting), void(change), void(close)> {
 public:
  creature(mall_ref mall, colour looks) : mall_(mall), looks_(looks) {}

  void on(enter) { go_to_mall(); }
  void on(const meeting& other) {
    looks_ = complement(looks_, other.looks);
    other.who.send(change{looks_});
    met();
  }
  void on(change given) {
    looks_ = given.to;
    met();
  }
  void on(close) {
    looks_ = colour::faded;
    mall_.send(farewell{meetings_});
  }

 private:
  void met() {
    ++meetings_;
    go_to_mall();
  }
  void go_to_mall() {
    mall_.send(meeting{self().ref<void(meeting), void(change), void(close)>(), looks_});
  }

  mall_ref mall_;
  colour looks_;
  std::uint64_t meetings_ = 0;
};

struct get_total {};

/// Brings every two creatures that come to it together, a given number of times.
class mall : public actor<void(meeting), void(farewell), std::uint64_t(get_total)> {
 public:
  mall(std::uint64_t meetings, std::uint64_t creatures, finish_line* finished)
      : left_(meetings), creatures_(creatures), finished_(finished) {}

  void on(const meeting& arriving) {
    if (left_ == 0) {
      arriving.who.send(close{});
    } else if (!waiting_) {
      waiting_ = arriving.who;
    } else {
      --left_;
      waiting_.send(arriving);
      waiting_ = {};
    }
  }
  void on(farewell leaving) {
    total_ += leaving.meetings;
    if (--creatures_ == 0) finished_->cross();
  }
  std::uint64_t on(get_total) { return total_; }

 private:
  creature_ref waiting_;
  std::uint64_t left_;
  std::uint64_t creatures_;
  std::uint64_t total_ = 0;
  finish_line* finished_;
};

result run(const arguments& with) {
  const std::uint64_t meetings = with.count("meetings");
  std::vector<ref_of<creature>> creatures(with.count("creatures"));
  finish_line finished;
  system sys(options_from(with));
  const auto meeting_place = sys.spawn<mall>(meetings, creatures.size(), &finished);
  for (std::size_t i = 0; i < creatures.size(); ++i) {
    creatures[i] = sys.spawn<creature>(meeting_place, static_cast<colour>(i % 3));
  }

  const stopwatch watch;
  for (const auto& each : creatures) each.send(enter{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  expect_equal("meetings, seen by both sides", 2 * meetings, sys.ask(meeting_place, get_total{}));
  return {.ops = meetings, .elapsed = elapsed};
}

const registration here({
    .name = "chameneos",
    .summary = "Savina's chameneos: creatures meet in pairs through one mall; an op is a meeting",
    .parameters = {{.name = "creatures",
                    .default_value = std::uint64_t{100},
                    .help = "that visit the mall",
                    .minimum = 2},
                   {.name = "meetings",
                    .default_value = std::uint64_t{4'000'000},
                    .help = "in all"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench
