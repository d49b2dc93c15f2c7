// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

namespace troupe::torture {
namespace {

std::FILE* out = nullptr;
std::thread reader;
std::atomic<std::uint64_t> lines_printed{0};
std::uint64_t lines_read = 0;  // the reader's, until it has ended
std::string first_bad_line;    // as well

double derived(std::uint64_t number) { return static_cast<double>(number) / 7.0; }

/// Whether it is the next line of the toiler that it names.
bool expected(const char* line, std::map<std::size_t, std::uint64_t>& last) {
  std::size_t from = 0;
  unsigned long long number = 0;
  double x = 0;
  std::array<char, 8> word{};
  if (std::sscanf(line, "%zu %llu %lf %7s", &from, &number, &x, word.data()) != 4) return false;
  return number == ++last[from] && x == derived(number) && std::string(word.data()) == "end";
}

void read_lines(int descriptor) {
  std::FILE* const in = ::fdopen(descriptor, "r");
  std::map<std::size_t, std::uint64_t> last;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), in) != nullptr) {
    ++lines_read;
    if (!expected(line.data(), last) && first_bad_line.empty()) first_bad_line = line.data();
  }
  std::fclose(in);
}

}  // namespace

void begin_printing() {
  std::array<int, 2> ends{};
  check_call(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  out = ::fdopen(ends[1], "w");
  reader = std::thread(read_lines, ends[0]);
}

void print(toiler& t) {
  const auto number = static_cast<unsigned long long>(++t.lines_printed);
  bool written = false;
  if (t.one_in(2)) {
    // Others wait for the lock that this one holds on the file.
    ::flockfile(out);
    written = std::fprintf(out, "%zu %llu ", t.index, number) > 0;
    labor(t.up_to(3'000));
    written = std::fprintf(out, "%.17g end\n", derived(number)) > 0 && written;
    ::funlockfile(out);
  } else {
    written = std::fprintf(out, "%zu %llu %.17g %s\n", t.index, number, derived(number), "end") > 0;
  }
  if (t.one_in(16)) written = std::fflush(out) == 0 && written;
  check(written, "printing failed");
  lines_printed.fetch_add(1, std::memory_order_relaxed);
}

void end_printing(stage&) {
  std::fclose(out);
  reader.join();
  if (!first_bad_line.empty()) throw wrong_answer("a line came out as: " + first_bad_line);
  check(lines_read == lines_printed, "a line was lost");
}

}  // namespace troupe::torture
