// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/line_transfer.hpp>
#include <bench/harness/percentile.hpp>
#include <bench/harness/process_time.hpp>
#include <bench/harness/run.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace troupe::bench {
namespace {

using record = nlohmann::ordered_json;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

void write_all(int descriptor, const std::string& text) {
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t put = ::write(descriptor, text.data() + written, text.size() - written);
    if (put < 0 && errno != EINTR) fail("write");
    if (put > 0) written += static_cast<std::size_t>(put);
  }
}

[[noreturn]] void be_the_child(const scenario& what, const arguments& with, int output) {
  int status = EXIT_FAILURE;
  try {
    write_all(output, run_here(what, with).dump());
    status = EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "troupe-bench: %s: %s\n", what.name.c_str(), error.what());
  }
  // Not exit(): destructors of statics and buffers of standard streams are the parent's business.
  std::fflush(stderr);
  _exit(status);
}

// The field `name` of all runs, each picked by `pick` from the samples: numbers only.
template <class Pick>
record combine(const std::vector<record>& runs, Pick&& pick) {
  record combined = record::object();
  for (const auto& [name, first] : runs.front().items()) {
    if (!first.is_number()) continue;
    std::vector<double> samples;
    for (const record& run : runs) samples.push_back(run.at(name).template get<double>());
    const double picked = pick(samples);
    if (first.is_number_float()) {
      combined[name] = picked;
    } else {
      combined[name] = static_cast<std::uint64_t>(picked);
    }
  }
  return combined;
}

}  // namespace

record run_here(const scenario& what, const arguments& with) {
  const double line_transfer = with.workers() > 1 ? line_transfer_ns() : 0;
  const process_time before = process_time_now();
  const result outcome = what.run(with);
  const process_time used = process_time_now() - before;

  const double seconds = outcome.elapsed.count();
  const auto ops = static_cast<double>(outcome.ops);
  record line = {{"ops", outcome.ops},
                 {"seconds", seconds},
                 {"ops_per_s", ops / seconds},
                 {"ns_per_op", seconds * 1e9 / ops}};
  for (const auto& [name, content] : outcome.special) {
    std::visit([&line, &key = name](const auto& v) { line[key] = v; }, content);
  }
  if (line_transfer > 0) line["line_transfer_ns"] = line_transfer;
  line["cpu_seconds"] = used.cpu_seconds;
  line["involuntary_switches"] = used.involuntary_switches;
  return line;
}

record run_in_child(const scenario& what, const arguments& with) {
  int ends[2];
  if (::pipe(ends) != 0) fail("pipe");
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ::close(ends[0]);
    be_the_child(what, with, ends[1]);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    throw std::runtime_error("the run was ended by signal " + std::to_string(WTERMSIG(status)));
  }
  if (status != 0) throw std::runtime_error("the run failed");
  return record::parse(text);
}

record run_repeatedly(const scenario& what, const arguments& with, std::uint64_t repeat) {
  if (repeat == 1) return run_here(what, with);
  std::vector<record> runs;
  for (std::uint64_t run = 0; run < repeat; ++run) runs.push_back(run_in_child(what, with));
  record summary = runs.front();
  summary.update(combine(runs, [](const auto& samples) { return median(samples); }));
  summary["repeat"] = repeat;
  summary["min"] =
      combine(runs, [](const auto& s) { return *std::min_element(s.begin(), s.end()); });
  summary["max"] =
      combine(runs, [](const auto& s) { return *std::max_element(s.begin(), s.end()); });
  return summary;
}

}  // namespace troupe::bench
