// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/datagram_pump.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace troupe::detail {

bool is_about_a_peer(std::error_code error) noexcept {
  // What ICMP makes a connected UDP socket report, once for each message, and what a local pair
  // does when the other end has connected elsewhere.
  constexpr int about_a_peer[] = {ECONNREFUSED, EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENONET,
                                  ENOPROTOOPT,  EPROTO,       EMSGSIZE,  EACCES,      ECONNRESET};
  return error.category() == std::generic_category() &&
         std::find(std::begin(about_a_peer), std::end(about_a_peer), error.value()) !=
             std::end(about_a_peer);
}

}  // namespace troupe::detail
