// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/data/hashed_key.hpp>
#include <examples/kv_server/data/sip_hash.hpp>

#include <random>

namespace kv {
namespace {

sip_key draw_key() {
  std::random_device device;
  const auto draw = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
  const auto low = draw();
  return {low, draw()};
}

}  // namespace

std::uint64_t hash_of(std::string_view text) {
  static const sip_key key = draw_key();
  return sip_hash<1, 3>(key, text);
}

}  // namespace kv
