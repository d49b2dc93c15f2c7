// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/stage.hpp>

#include <preempt/torture/kinds.hpp>

#include <cstdio>

namespace troupe::torture {

stage::stage(const plan& p) : records(p.actors), done(kinds().size()), plan_(p) {}

void stage::fail(const std::string& what) {
  // The first few say it all.
  if (failures_.fetch_add(1, std::memory_order_acq_rel) < 10) {
    std::fprintf(stderr, "WRONG: %s\n  replay with: %s\n", what.c_str(),
                 plan_.command_line().c_str());
  }
  end();
}

std::uint64_t stage::pieces() const noexcept {
  std::uint64_t sum = 0;
  for (const record& r : records) sum += r.pieces.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t stage::movement() const noexcept {
  std::uint64_t sum = 0;
  for (const record& r : records) {
    sum += r.pieces.load(std::memory_order_relaxed) + r.mail.load(std::memory_order_relaxed);
  }
  return sum + ended.load(std::memory_order_relaxed);
}

}  // namespace troupe::torture
