// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// troupe-torture: actors that do everything that C++ programs do, each piece of work with a result
// that is checked, while they are preempted without end.
#include <preempt/torture/kinds.hpp>
#include <preempt/torture/run.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <random>
#include <string>

namespace {

using troupe::torture::plan;

std::uint64_t draw_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

int torture(plan p, const std::string& kinds, const std::string& without) {
  p.chosen = troupe::torture::choose_kinds(kinds, without);
  std::printf("%s\n", p.command_line().c_str());
  std::fflush(stdout);
  const bool well = troupe::torture::run(p);
  std::printf("%s\n", well ? "all went well" : "FAILED");
  return well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  plan p;
  p.seed = draw_seed();
  std::int64_t quantum = p.quantum.count();
  std::int64_t seconds = p.length.count();
  std::string kinds;
  std::string without;
  std::string source = "timer";
  std::string mode = "full";

  CLI::App app("Preempts actors that do all kinds of work, and checks every result.");
  app.add_option("--workers", p.workers, "workers")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--actors", p.actors, "actors that work; each has a partner that answers")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--quantum-us", quantum,
                 "fresh quantum [us]; the batch quantum is four times as long")
      ->check(CLI::Range(50, 2'500'000))
      ->capture_default_str();
  app.add_option("--seconds", seconds, "how long they work")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--seed", p.seed, "repeats the choices of a run (default: random)")
      ->envname("TROUPE_SEED");
  app.add_option("--kinds", kinds,
                 "comma list of kinds of work (default: all, with ThreadSanitizer all that it "
                 "can do; a wrong one lists them)");
  app.add_option("--without", without, "comma list of kinds of work that are left out");
  app.add_option("--carriers", p.max_carriers, "bound of carriers; 0: the default")
      ->capture_default_str();
  app.add_option("--source", source, "who raises signals")
      ->check(CLI::IsMember({"timer", "monitor"}))
      ->capture_default_str();
  app.add_option("--mode", mode, "preempts behaviors, or only goes on without those that block")
      ->check(CLI::IsMember({"full", "isolate"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  p.quantum = std::chrono::microseconds(quantum);
  p.length = std::chrono::seconds(seconds);
  if (source == "monitor") p.source = troupe::signal_source::monitor;
  if (mode == "isolate") p.mode = troupe::preemption::isolate;
  try {
    return torture(p, kinds, without);
  } catch (const std::exception& e) {
    std::cerr << "troupe-torture: " << e.what() << '\n';
    return 1;
  }
}
