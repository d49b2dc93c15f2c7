// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>
#include <preempt/torture/messages.hpp>
#include <preempt/torture/stage.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace troupe::torture {

/// One of the actors that do all kinds of work, one piece after the other, until the run is over.
class toiler {
 public:
  toiler(context& self, stage& shared, std::size_t index);
  ~toiler();
  toiler(const toiler&) = delete;
  toiler& operator=(const toiler&) = delete;

  /// Works until the run is over, and then until everything that was sent has come.
  void live();

  // --- for the pieces of work

  context& self;
  stage& shared;
  const std::size_t index;
  io::tcp_stream connection;         ///< to the echo
  std::uint64_t ticks_expected = 0;  ///< sent to itself and not yet come
  std::uint64_t lines_printed = 0;

  /// A number from 0 to `most`.
  std::uint64_t up_to(std::uint64_t most);
  bool one_in(std::uint64_t n) { return up_to(n - 1) == 0; }
  std::uint64_t number() { return random_(); }
  /// Sends a parcel to some toiler, perhaps itself.
  void send_parcel();
  /// Takes what waits in the mailbox, at most that many messages.
  void take_mail(int most);
  /// Takes a message if one comes within that time.
  bool take_within(std::chrono::nanoseconds wait);

 private:
  void work_once();
  void say_farewell();
  void take(const parcel& p);
  void take(const farewell& f);
  void count_mail();

  std::mt19937_64 random_;
  std::vector<std::uint64_t> sent_;      ///< parcels, by receiver
  std::vector<std::uint64_t> received_;  ///< parcels, by sender
  std::size_t farewells_ = 0;
};

/// The body of such an actor.
void toil(context& self, stage* shared, std::size_t index);

}  // namespace troupe::torture
