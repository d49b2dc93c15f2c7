// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iomanip>
#include <regex>
#include <sstream>
#include <string>

namespace troupe::torture {

void regex(toiler& t) {
  const auto year = std::to_string(1'000 + t.up_to(8'999));
  const auto user = "user" + std::to_string(t.up_to(99'999));
  const std::string line = "at " + year + "-11-21 from <" + user + "@example.org>: ok";
  // Made anew each time: that is where it takes locales, and most of its memory.
  const std::regex pattern(R"(at (\d{4})-(\d\d)-(\d\d) from <(\w+)@([a-z.]+)>: (ok|failed))");
  std::smatch found;
  check(std::regex_match(line, found, pattern), "a regular expression does not match");
  check(found[1] == year && found[4] == user && found[6] == "ok", "a match is wrong");
  static const std::regex digits("[[:digit:]]+");  // shared by all
  check(std::regex_replace("a1b22c333", digits, "#") == "a#b#c#", "a replacement is wrong");
}

void iostream(toiler& t) {
  const std::uint64_t n = t.number();
  const double x = static_cast<double>(n % 1'000'000) / 7.0;
  std::ostringstream out;
  for (int i = 0; i < 10; ++i) {
    out << std::hex << n << ' ' << std::dec << n << ' ' << std::setprecision(17) << x << " word"
        << i << '\n';
  }
  std::istringstream in(out.str());
  for (int i = 0; i < 10; ++i) {
    std::uint64_t hex = 0;
    std::uint64_t dec = 0;
    double real = 0;
    std::string word;
    in >> std::hex >> hex >> std::dec >> dec >> real >> word;
    check(in.good() && hex == n && dec == n && real == x && word == "word" + std::to_string(i),
          "what was written into a stream was not read from it");
  }
}

void piped_iostream(toiler& t) {
  std::array<int, 2> ends{};
  check_call(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
  const auto path = [](int end) { return "/proc/self/fd/" + std::to_string(end); };
  std::ofstream out(path(ends[1]));
  std::ifstream in(path(ends[0]));
  for (const int end : ends) ::close(end);
  const std::uint64_t n = t.number();
  const std::uint64_t lines = 1 + t.up_to(200);  // fewer bytes than a pipe holds
  for (std::uint64_t i = 0; i < lines; ++i) out << n << ' ' << i << std::endl;
  out.close();
  check(out.good(), "a stream could not be written into a pipe");
  std::uint64_t number = 0;
  std::uint64_t line = 0;
  std::uint64_t read = 0;
  for (; in >> number >> line; ++read) check(number == n && line == read, "a line is wrong");
  check(in.eof() && read == lines, "what was written into a pipe was not read from it");
}

}  // namespace troupe::torture
