// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace troupe::torture {
namespace {

struct account {
  std::mutex mutex;
  std::int64_t balance = 1'000;
};
std::array<account, 8> bank;

void transfer(toiler& t) {
  const std::size_t from = t.up_to(bank.size() - 1);
  const std::size_t to = (from + 1 + t.up_to(bank.size() - 2)) % bank.size();
  const auto amount = static_cast<std::int64_t>(t.up_to(100));
  const std::scoped_lock lock(bank[from].mutex, bank[to].mutex);
  bank[from].balance -= amount;
  labor(t.up_to(t.one_in(20) ? 100'000 : 2'000));
  bank[to].balance += amount;
}

std::int64_t total() {
  std::vector<std::unique_lock<std::mutex>> locks;
  std::int64_t sum = 0;
  for (account& a : bank) {
    locks.emplace_back(a.mutex);
    sum += a.balance;
  }
  return sum;
}

void audit() {
  check(total() == 1'000 * static_cast<std::int64_t>(bank.size()), "money came out of nothing");
}

std::recursive_mutex recursive;
int depth = 0;  // guarded by it

void enter(int levels) {
  const std::scoped_lock lock(recursive);
  const int found = depth++;
  labor(200);
  if (levels > 1) enter(levels - 1);
  --depth;
  check(depth == found, "somebody was inside a recursive lock of another");
}

std::shared_mutex shared;
std::uint64_t value = 0;            // guarded by it
std::uint64_t complement = ~value;  // as well

}  // namespace

void mutexes(toiler& t) {
  switch (t.up_to(5)) {
    case 0:
      return audit();
    case 1:
      return enter(1 + static_cast<int>(t.up_to(3)));
    default:
      return transfer(t);
  }
}

void shared_mutexes(toiler& t) {
  if (t.one_in(4)) {
    const std::scoped_lock lock(shared);
    value = t.number();
    labor(t.up_to(3'000));
    complement = ~value;
  } else {
    const std::shared_lock lock(shared);
    const std::uint64_t seen = value;
    labor(t.up_to(1'000));
    check(seen == value && complement == ~value, "a writer came in among readers");
  }
}

void end_locks(stage&) { audit(); }

}  // namespace troupe::torture
