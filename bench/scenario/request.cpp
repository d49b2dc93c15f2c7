// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/finish_line.hpp>
#include <bench/harness/oracle.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>

#include <troupe/troupe.hpp>

namespace troupe::bench {
namespace {

struct query {
  std::uint64_t number;
};

class server : public actor<std::uint64_t(query)> {
 public:
  std::uint64_t on(query asked) { return asked.number + 1; }
};

struct begin {};

// Every answer is the next question, so that what comes out counts the round trips.
void ask_and_ask(context& self, actor_ref<std::uint64_t(query)> whom, std::uint64_t requests,
                 std::uint64_t* answered, finish_line* finished) {
  self.receive([](begin) {});
  std::uint64_t number = 0;
  for (std::uint64_t i = 0; i < requests; ++i) number = self.ask(whom, query{number});
  *answered = number;
  finished->cross();
}

result run(const arguments& with) {
  const std::uint64_t requests = with.count("requests");
  std::uint64_t answered = 0;
  finish_line finished;
  system sys(options_from(with));
  const auto asking =
      sys.spawn<void(begin)>(ask_and_ask, sys.spawn<server>(), requests, &answered, &finished);

  const stopwatch watch;
  asking.send(begin{});
  finished.wait();
  const auto elapsed = watch.elapsed();

  expect_equal("answers", requests, answered);
  return {.ops = requests, .elapsed = elapsed};
}

const registration here({
    .name = "request",
    .summary =
        "a direct-style actor asks a handler actor, one question at a time; an op is a round trip",
    .parameters = {{.name = "requests",
                    .default_value = std::uint64_t{5'000'000},
                    .help = "to ask"}},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench
