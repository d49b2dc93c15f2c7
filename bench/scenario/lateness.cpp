// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/oracle.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/scenario.hpp>
#include <bench/harness/stopwatch.hpp>
#include <bench/harness/system_setup.hpp>
#include <bench/scenario/busy_actors.hpp>
#include <bench/scenario/loopback.hpp>
#include <bench/scenario/outside_pinger.hpp>
#include <bench/scenario/preemption_report.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <system_error>
#include <thread>

namespace troupe::bench {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::duration<double, std::milli>;

struct rung {
  clock::time_point due;
};

/// Sets one timer after the other, and notes how late each message of theirs comes.
class timekeeper : public actor<void(rung)> {
 public:
  explicit timekeeper(std::vector<double>* lateness) : lateness_(lateness) {}

  void on(const rung& ringing) {
    lateness_->push_back(milliseconds(clock::now() - ringing.due).count());
    const std::chrono::microseconds delay(3'000 + random_() % 4'000);
    self().send_after(delay, self().ref<void(rung)>(), rung{clock::now() + delay});
  }

 private:
  std::vector<double>* lateness_;  // the system's end comes before it is read
  std::minstd_rand random_{1};
};

/// Answers each byte with the time at which it was read.
void tell_arrivals(context&, io::tcp_stream stream) {
  std::array<std::byte, 1> ping{};
  while (stream.read(ping) != 0) {
    const auto now = clock::now().time_since_epoch().count();
    stream.write_all(std::as_bytes(std::span(&now, 1)));
  }
}

void serve_one(context& self, io::tcp_listener listener) {
  self.spawn(tell_arrivals, listener.accept());
}

clock::time_point ask(int socket) {
  clock::rep told = 0;
  if (::send(socket, "?", 1, MSG_NOSIGNAL) != 1 ||
      ::recv(socket, &told, sizeof told, MSG_WAITALL) != sizeof told) {
    throw std::system_error(errno, std::generic_category(), "ping by TCP");
  }
  return clock::time_point(clock::duration(told));
}

system_options options_for(const arguments& with) {
  system_options options = options_from(with);
  options.preempt.fresh_quantum = std::chrono::microseconds(with.count("fresh-us"));
  options.preempt.batch_quantum = std::chrono::microseconds(with.count("batch-us"));
  options.preempt.source = source_named(with.text("source"));
  options.preempt.max_carriers = with.count("busy") + 2 * with.workers() + 32;
  return options;
}

void report_samples(const std::string& name, std::vector<double> samples, result& into) {
  std::sort(samples.begin(), samples.end());
  into.special.emplace_back(name + "_p50_ms", percentile(samples, 50));
  into.special.emplace_back(name + "_p99_ms", percentile(samples, 99));
  into.special.emplace_back(name + "_max_ms", percentile(samples, 100));
}

result run(const arguments& with) {
  std::vector<double> timers;
  ping_times pings;
  result outcome;
  preemption_statistics preempted;
  {
    auto sys = std::make_unique<system>(options_for(with));
    auto listener = io::tcp_listener::bind("127.0.0.1", 0);
    const descriptor client = connect_to_port(listener.local_endpoint().port());
    sys->spawn(serve_one, std::move(listener));
    const auto keeper = sys->spawn<timekeeper>(&timers);
    std::optional<busy_actors> busy;
    if (with.count("busy") > 0) {
      busy.emplace(*sys, with.count("busy"), busy_kind_named(with.text("kind")));
      if (with.preemption() && !busy->wait_until_begun(20s)) {
        throw oracle_error("a busy actor never had a turn");
      }
    }
    keeper.send(rung{clock::now()});
    outside_pinger pinging([&] { return ask(client.number()); }, 5ms, pinger_priority::real_time);
    const preemption_statistics before = sys->preemption();
    const stopwatch watch;
    std::this_thread::sleep_for(std::chrono::duration<double>(with.real("seconds")));
    outcome.elapsed = watch.elapsed();
    preempted = since(before, sys->preemption());
    if (busy) busy->tell_to_stop();  // without preemption, all is served only now
    pings = pinging.stop();
    any_ref(keeper).kill();
    if (busy) busy->wait_and_check();
    ::shutdown(client.number(), SHUT_RDWR);
    sys.reset();
  }
  if (!timers.empty() && *std::min_element(timers.begin(), timers.end()) < 0) {
    throw oracle_error("a timer rang early");
  }
  outcome.ops = timers.size() + pings.pings;
  report_samples("timer", timers, outcome);
  report_samples("tcp_arrival", pings.arrival, outcome);
  report_samples("tcp_echo", pings.round_trip, outcome);
  outcome.special.emplace_back("pinger_ran_as",
                               std::string(pings.real_time ? "real-time" : "normal"));
  report(preempted, outcome);
  return outcome;
}

const registration here({
    .name = "lateness",
    .summary =
        "how late timers and sockets are served beside actors that never wait: an actor sets "
        "a timer of 3 to 7 ms again and again, another one answers a TCP connection that a "
        "thread outside sends a byte on each 5 ms; an op is a timer or a byte",
    .parameters =
        {{.name = "busy",
          .default_value = std::uint64_t{8},
          .help = "actors that each run one endless behavior",
          .minimum = 0},
         {.name = "kind",
          .default_value = std::string("arithmetic"),
          .help = "of these: they compute; or allocate, throw and lock",
          .choices = {"arithmetic", "alloc"}},
         {.name = "seconds", .default_value = 5.0, .help = "to measure over", .minimum = 0.1},
         quantum_parameter("fresh-us", 1000, "quantum while a fresh actor waits"),
         quantum_parameter("batch-us", 10'000, "quantum while preempted ones wait"),
         source_parameter()},
    .run = run,
});

}  // namespace
}  // namespace troupe::bench
