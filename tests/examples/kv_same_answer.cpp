// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_client.hpp>
#include <examples/kv_same_answer.hpp>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace kv::test {
namespace {

std::vector<std::string> sorted_items(const std::string& bytes, std::size_t group) {
  std::string_view rest = bytes;
  reply all;
  take_reply(rest, all);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < all.items.size(); ++i) {
    if (i % group == 0) {
      result.push_back(all.items[i].text);
    } else {
      result.back() += '\0' + all.items[i].text;
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

bool same_answer(comparison how, const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (a.empty() || b.empty() || a[0] != b[0]) return false;
  if (how == comparison::about_a_time && a[0] == ':') {
    const auto x = std::atoll(a.c_str() + 1);
    const auto y = std::atoll(b.c_str() + 1);
    return x > 0 && y > 0 && std::llabs(x - y) < 60'000;
  }
  if (a[0] != '*') return false;
  if (how == comparison::any_order) return sorted_items(a, 1) == sorted_items(b, 1);
  return how == comparison::any_order_pairs && sorted_items(a, 2) == sorted_items(b, 2);
}

}  // namespace kv::test
