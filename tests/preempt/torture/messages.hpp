// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::torture {

/// Everybody has been introduced: to work.
struct start {};

/// A block of malloc()'s memory that the receiver checks and frees.
struct parcel {
  std::size_t from;
  std::uint64_t number;  ///< 1, 2, ... for each pair of sender and receiver
  std::uint64_t key;     ///< what the contents are made from
  std::size_t size;
  unsigned char* data;
};

/// The last thing that one toiler sends to another.
struct farewell {
  std::size_t from;
  std::uint64_t parcels;  ///< how many went before it
};

/// What a toiler sends to itself by a timer.
struct tick {};

/// What a partner answers with answer_to(n).
struct question {
  std::uint64_t n;
  bool laborious;
};

/// Asks a partner to write a number to a descriptor.
struct write_to {
  int descriptor;
  std::uint64_t number;
};

/// Nobody sends one.
struct never {};

/// splitmix64 (Vigna, 2015).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

constexpr std::uint64_t answer_to(std::uint64_t n) { return mix(n ^ 0x7472'6f75'7065U); }

}  // namespace troupe::torture
