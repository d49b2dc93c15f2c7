// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <poll.h>

#include <examples/kv_server/service/peer.hpp>

namespace kv {

peer look_for_peer(int descriptor) {
  pollfd entry{descriptor, POLLRDHUP, 0};
  if (::poll(&entry, 1, 0) <= 0) return peer::listening;
  return (entry.revents & (POLLERR | POLLHUP)) != 0 ? peer::gone : peer::done_sending;
}

}  // namespace kv
