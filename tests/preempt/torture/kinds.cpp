// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/kinds.hpp>

#include <preempt/torture/works.hpp>

#include <troupe/base/sanitizer.hpp>

#include <array>
#include <cstdio>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

namespace troupe::torture {
namespace {

// Weights: so that no kind takes most of the time, and those that take long are rare.
constexpr std::array table{
    kind{"arithmetic", 8, arithmetic, prepare_arithmetic},
    kind{"avx2", 8, avx2},
    kind{"exceptions", 8, exceptions},
    kind{"regex", 3, regex},
    kind{"iostream", 6, iostream},
    kind{"piped-iostream", 4, piped_iostream},
    kind{"printf", 6, print, begin_printing, end_printing},
    kind{"mutex", 8, mutexes, nullptr, end_locks},
    kind{"shared-mutex", 6, shared_mutexes},
    kind{"thread-local", 6, thread_locals, nullptr, end_thread_locals},
    kind{"signals", 6, signals, begin_signals},
    kind{"alarms", 4, alarms, begin_signals},
    kind{"dlopen", 2, load_library},
    kind{"openssl", 5, digest},
    kind{"zlib", 4, compress},
    kind{"sqlite", 3, database, begin_database, end_database},
    kind{"fork", 1, fork_and_exec},
    kind{"getaddrinfo", 2, lookup},
    kind{"send", 12, send},
    kind{"ask", 8, ask},
    kind{"receive", 4, receive},
    kind{"no-preempt", 4, section},
    kind{"socket", 4, socket},
    kind{"pipe", 3, pipe},
    kind{"blocking", 3, block},
};

// ThreadSanitizer holds back the signals of a thread that waits for a lock or in read(2), and does
// not see the locks within libstdc++ and the dynamic linker. A signal that comes while it is about
// to deliver another may leave the thread with all signals held back: it remembers one mask per
// thread, not one per delivery. That is rare, unless signals of a program's own come beside the
// runtime's.
constexpr const char* beyond_tsan =
    "pipe,mutex,shared-mutex,printf,openssl,sqlite,regex,dlopen,signals,alarms";

std::size_t find(const std::string& name) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (name == table[i].name) return i;
  }
  std::string all;
  for (const kind& k : table) {
    if (!all.empty()) all += ',';
    all += k.name;
  }
  throw std::invalid_argument("no kind of work is called '" + name + "'; there are " + all);
}

std::set<std::size_t> find_all(const std::string& names) {
  std::set<std::size_t> found;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) found.insert(find(name));
  return found;
}

}  // namespace

std::span<const kind> kinds() { return table; }

std::vector<std::size_t> choose_kinds(const std::string& names, const std::string& without) {
  std::set<std::size_t> wanted = find_all(names);
  if (wanted.empty()) {
    for (std::size_t i = 0; i < table.size(); ++i) wanted.insert(i);
    if constexpr (TROUPE_TSAN) {
      for (const std::size_t i : find_all(beyond_tsan)) wanted.erase(i);
      std::printf("left out in a build with ThreadSanitizer: %s\n", beyond_tsan);
    }
  }
  for (const std::size_t i : find_all(without)) wanted.erase(i);
  if (!has_avx2() && wanted.erase(find("avx2")) != 0) {
    std::printf("left out on a machine without AVX2: avx2\n");
  }
  if (wanted.empty()) throw std::invalid_argument("no kind of work is left");
  std::vector<std::size_t> chosen;
  for (const std::size_t i : wanted) {
    chosen.insert(chosen.end(), static_cast<std::size_t>(table[i].weight), i);
  }
  return chosen;
}

}  // namespace troupe::torture
