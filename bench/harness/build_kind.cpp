// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <bench/harness/build_kind.hpp>

namespace troupe::bench {
namespace {

#ifdef __OPTIMIZE__
constexpr bool optimised = true;
#else
constexpr bool optimised = false;
#endif

#ifdef NDEBUG
constexpr bool assertions = false;
#else
constexpr bool assertions = true;
#endif

// Given by the build: there is no macro that tells of UBSan.
constexpr const char* sanitizers = TROUPE_BENCH_SANITIZERS;

}  // namespace

std::string build_defect() {
  std::string defect;
  const auto add = [&defect](const std::string& text) {
    defect += (defect.empty() ? "" : "; ") + text;
  };
  if (*sanitizers != '\0') add(std::string("sanitizers: ") + sanitizers);
  if (!optimised) add("not optimised");
  if (assertions) add("assertions on");
  return defect;
}

}  // namespace troupe::bench
