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

struct token {
  std::uint64_t hops_left;
};
struct connect {
  actor_ref<void(token)> next;
};
struct get_handled {};

class member : public actor<void(connect), void(token), std::uint64_t(get_handled)> {
 public:
  explicit member(finish_line* finished) : finished_(finished) {}

  void on(const connect& link) { next_ = link.next; }
  void on(token passing) {
    ++handled_;
    if (passing.hops_left == 0) {
      finished_->cross();
    } else {
      next_.send(token{passing.hops_left - 1});
    }
  }
  std::uint64_t on(get_handled) { return handled_; }

 private:
  actor_ref<void(token)> next_;
  std::uint64_t handled_ = 0;
  finish_line* finished_;
};

result run(const arguments& with) {
  const std::uint64_t hops = with.count("hops");
  system sys(options_from(with));
  finish_line finished;
  std::vector<ref_of<member>> ring(with.count("actors"));
  for (auto& each : ring) each = sys.spawn<member>(&finished);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    ring[i].send(connect{ring[(i + 1) % ring.size()]});
  }

  const stopwatch watch;
  ring.front().send(token{hops});
  finished.wait();
  const auto elapsed = watch.elapsed();

  std::uint64_t handled = 0;
  for (const auto& each : ring) handled += sys.ask(each, get_handled{});
  expect_equal("tokens handled", hops + 1, handled);
  return {.ops = hops, .elapsed = elapsed};
}

const registration here({
    .name = "ring",
    .summary = "Savina's threadring: one token goes round a ring of actors; an op is a hop",
    .parameters = {{.name = "actors", .default_value = std::uint64_t{503}, .help = "in the ring"},
                   {.name = "hops",
                    .default_value = std::uint64_t{10'000'000},
                    .help = "of the token"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench
