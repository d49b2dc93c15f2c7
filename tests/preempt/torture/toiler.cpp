// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/toiler.hpp>

#include <preempt/torture/check.hpp>
#include <preempt/torture/kinds.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>

namespace troupe::torture {

using namespace std::chrono_literals;

toiler::toiler(context& own, stage& all, std::size_t number)
    : self(own),
      shared(all),
      index(number),
      random_(mix(all.planned().seed + number)),
      sent_(all.planned().actors),
      received_(all.planned().actors) {}

toiler::~toiler() = default;

std::uint64_t toiler::up_to(std::uint64_t most) {
  return std::uniform_int_distribution<std::uint64_t>(0, most)(random_);
}

void toiler::live() {
  record& mine = shared.records[index];
  mine.phase = "works";
  do {
    try {
      work_once();
    } catch (const actor_exit&) {
      throw;
    } catch (const std::exception& e) {
      shared.fail("toiler " + std::to_string(index) + ", " + kinds()[mine.doing].name + ": " +
                  e.what());
    }
  } while (!shared.over());
  mine.phase = "says farewell";
  say_farewell();
  mine.phase = "waits for farewells";
  while (farewells_ < shared.toilers.size() || ticks_expected > 0) take_within(1h);
  mine.phase = "has ended";
}

void toiler::work_once() {
  const auto& chosen = shared.planned().chosen;
  const std::size_t kind = chosen[up_to(chosen.size() - 1)];
  record& mine = shared.records[index];
  mine.doing = kind;
  kinds()[kind].work(*this);
  shared.done[kind].fetch_add(1, std::memory_order_relaxed);
  mine.pieces.fetch_add(1, std::memory_order_relaxed);
  // What is sent must be taken, whichever kinds of work there are; but seldom: an actor whose
  // quantum is over lets others go first here, and need not be preempted.
  if (one_in(32)) take_mail(256);
}

// --- mail

namespace {

unsigned char content(std::uint64_t key, std::size_t i) {
  return static_cast<unsigned char>((key >> (i % 8 * 8)) + i);
}

}  // namespace

void toiler::send_parcel() {
  const std::size_t to = up_to(shared.toilers.size() - 1);
  const std::size_t size = 1 + up_to(one_in(20) ? 100'000 : 3'000);
  const std::uint64_t key = number();
  auto* const data = static_cast<unsigned char*>(std::malloc(size));
  check(data != nullptr, "out of memory");
  for (std::size_t i = 0; i < size; ++i) data[i] = content(key, i);
  shared.toilers[to].send(parcel{index, ++sent_[to], key, size, data});
  shared.parcels_sent.fetch_add(1, std::memory_order_relaxed);
}

void toiler::take(const parcel& p) {
  std::size_t right = 0;
  while (right < p.size && p.data[right] == content(p.key, right)) ++right;
  std::free(p.data);
  shared.parcels_received.fetch_add(1, std::memory_order_relaxed);
  check(right == p.size, "a parcel's contents have changed");
  check(p.number == ++received_[p.from], "a parcel was lost, or came out of order");
}

void toiler::take(const farewell& f) {
  ++farewells_;
  check(f.parcels == received_[f.from], "a parcel did not come before the farewell");
}

void toiler::count_mail() { shared.records[index].mail.fetch_add(1, std::memory_order_relaxed); }

bool toiler::take_within(std::chrono::nanoseconds wait) {
  try {
    const bool came =
        self.receive([this](const parcel& p) { take(p); }, [this](const farewell& f) { take(f); },
                     [this](tick) { --ticks_expected; }, after(wait));
    if (came) count_mail();
    return came;
  } catch (const wrong_answer& e) {
    shared.fail("toiler " + std::to_string(index) + ", its mail: " + e.what());
    return true;
  }
}

void toiler::take_mail(int most) {
  while (most-- > 0 && take_within(0ns)) {
  }
}

void toiler::say_farewell() {
  connection = {};
  for (std::size_t to = 0; to < shared.toilers.size(); ++to) {
    shared.toilers[to].send(farewell{index, sent_[to]});
  }
}

void toil(context& self, stage* shared, std::size_t index) {
  self.receive([](start) {});
  {
    toiler t(self, *shared, index);
    t.live();
  }
  shared->ended.fetch_add(1, std::memory_order_release);  // publishes all that it counted
}

}  // namespace troupe::torture
