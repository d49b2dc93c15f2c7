// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/build_kind.hpp>
#include <bench/harness/command_line.hpp>
#include <bench/harness/run.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <string>
#include <thread>

namespace troupe::bench {
namespace {

constexpr int exit_useless_build = 2;

// What the command line sets for one scenario.
struct selection {
  CLI::App* command = nullptr;
  std::map<std::string, value, std::less<>> values;
  std::size_t workers = 0;
  std::string preemption = "on";
  std::uint64_t repeat = 1;
  bool any_build = false;
};

std::string range_text(double minimum, double maximum) {
  const std::string from = CLI::detail::to_string(minimum);
  if (maximum == std::numeric_limits<double>::max()) return "of " + from + " or more";
  return "from " + from + " to " + CLI::detail::to_string(maximum);
}

CLI::Validator within(double minimum, double maximum = std::numeric_limits<double>::max()) {
  const auto check = [=](const std::string& text) -> std::string {
    double number = 0;
    // Written so that it refuses what is not a number as well.
    const bool is_number = CLI::detail::lexical_cast(text, number);
    if (is_number && number >= minimum && number <= maximum) return {};
    return "'" + text + "' is no number " + range_text(minimum, maximum);
  };
  return {check, ""};
}

void add_parameter(CLI::App& command, const parameter& described, value& target) {
  const auto add = [&](auto& number_or_text) {
    return command.add_option("--" + described.name, number_or_text, described.help)
        ->capture_default_str();
  };
  if (auto* text = std::get_if<std::string>(&target)) {
    add(*text)->check(CLI::IsMember(described.choices));
  } else if (auto* real = std::get_if<double>(&target)) {
    add(*real)->check(within(described.minimum, described.maximum));
  } else {
    add(std::get<std::uint64_t>(target))->check(within(described.minimum, described.maximum));
  }
}

bool has_preemption_option(const scenario& described) {
  return described.default_workers > 0 && !described.sets_preemption;
}

void add_scenario(CLI::App& app, const scenario& described, selection& chosen) {
  chosen.command = app.add_subcommand(described.name, described.summary);
  for (const parameter& each : described.parameters) {
    value& target = chosen.values[each.name] = each.default_value;
    add_parameter(*chosen.command, each, target);
  }
  chosen.workers = described.default_workers;
  if (described.default_workers > 0) {
    chosen.command
        ->add_option("--workers", chosen.workers, "workers of the system; 0: one per core")
        ->check(within(0))
        ->capture_default_str();
  }
  if (has_preemption_option(described)) {
    chosen.command->add_option("--preemption", chosen.preemption, "of the system")
        ->check(CLI::IsMember(std::vector<std::string>{"on", "off"}))
        ->capture_default_str();
  }
  chosen.command
      ->add_option(
          "--repeat", chosen.repeat,
          "runs, each in a process of its own; more than one: median, min, max are printed")
      ->check(within(1))
      ->capture_default_str();
  chosen.command->add_flag("--any-build", chosen.any_build,
                           "run also where the build makes the figures meaningless, and mark them");
}

void list() {
  for (const auto& [name, each] : scenarios()) {
    std::string parameters;
    for (const parameter& p : each.parameters) parameters += " --" + p.name;
    std::printf("%-20s%s\n%-20s%s\n", name.c_str(),
                parameters.c_str() + (parameters.empty() ? 0 : 1), "", each.summary.c_str());
  }
}

void run_selected(const scenario& what, const selection& chosen) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const bool all_cores = chosen.workers == 0 && what.default_workers > 0;
  const arguments with(all_cores ? cores : chosen.workers, chosen.preemption == "on",
                       chosen.values);

  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
  for (const parameter& each : what.parameters) {
    std::visit([&](const auto& v) { parameters[each.name] = v; }, chosen.values.at(each.name));
  }
  if (what.default_workers > 0) parameters["workers"] = with.workers();
  if (has_preemption_option(what)) parameters["preemption"] = chosen.preemption;
  nlohmann::ordered_json line = {{"bench", what.name}, {"params", parameters}};
  line.update(run_repeatedly(what, with, chosen.repeat));
  if (const std::string defect = build_defect(); !defect.empty()) line["meaningless"] = defect;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

int run_checked(const scenario& what, const selection& chosen) {
  const std::string defect = build_defect();
  if (!defect.empty() && !chosen.any_build) {
    std::fprintf(stderr,
                 "troupe-bench: figures of this build would mean nothing (%s); --any-build runs it "
                 "all the same\n",
                 defect.c_str());
    return exit_useless_build;
  }
  try {
    run_selected(what, chosen);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "troupe-bench: %s: %s\n", what.name.c_str(), error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app(
      "Benchmarks of troupe. Prints one JSON object per line: bench, params, ops, seconds, "
      "ops_per_s, ns_per_op and what is special to the benchmark. Each counts the work really "
      "done, and fails when that is not what was asked for.",
      "troupe-bench");
  bool listing = false;
  app.add_flag("--list", listing, "print the benchmarks and their parameters");
  app.require_subcommand(0, 1);

  std::map<std::string, selection, std::less<>> selections;
  for (const auto& [name, each] : scenarios()) add_scenario(app, each, selections[name]);
  CLI11_PARSE(app, argc, argv);

  if (listing) {
    list();
    return EXIT_SUCCESS;
  }
  for (const auto& [name, each] : scenarios()) {
    if (selections[name].command->parsed()) return run_checked(each, selections[name]);
  }
  std::fprintf(stderr, "%s", app.help().c_str());
  return EXIT_FAILURE;
}

}  // namespace troupe::bench
