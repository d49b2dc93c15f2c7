// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/troupe.hpp>

#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <vector>

namespace troupe::test {

/// What has come through an active stream until it was closed, and why it was.
struct heard {
  std::vector<std::string> parts;
  std::error_code reason;
  std::string text() const {
    std::string all;
    for (const std::string& each : parts) all += each;
    return all;
  }
};

/// Takes the messages of that stream to the last one.
inline heard listen(context& self, stream_id id) {
  heard result;
  bool open = true;
  while (open) {
    self.receive(
        [&](tcp_data&& data) {
          EXPECT_EQ(data.id, id);
          result.parts.push_back(data.take());
        },
        [&](const tcp_closed& closed) {
          EXPECT_EQ(closed.id, id);
          result.reason = closed.reason;
          open = false;
        });
  }
  return result;
}

}  // namespace troupe::test
