// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <sys/resource.h>

#include <examples/common/descriptors.hpp>
#include <examples/common/refusal.hpp>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace examples {

std::size_t provide_descriptors(const char* program, std::size_t connections,
                                std::size_t descriptors_each, std::size_t workers) {
  constexpr rlim_t for_each_worker = 5;
  const auto carriers = workers != 0 ? workers : std::size_t{std::thread::hardware_concurrency()};
  const rlim_t for_ourselves =
      32 + refusal::at_a_time + for_each_worker * static_cast<rlim_t>(carriers);
  const rlim_t wanted = static_cast<rlim_t>(connections * descriptors_each) + for_ourselves;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return connections;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return connections;
  const auto left = limit.rlim_cur > for_ourselves ? limit.rlim_cur - for_ourselves : 0;
  const auto possible = std::max<std::size_t>(static_cast<std::size_t>(left) / descriptors_each, 1);
  std::fprintf(stderr,
               "%s: at most %zu connections, because the limit of open files is %llu (ulimit -n)\n",
               program, possible, static_cast<unsigned long long>(limit.rlim_cur));
  return possible;
}

}  // namespace examples
