// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/kv_client.hpp>
#include <examples/running_service.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kv::test {

using troupe::test::find_program;
using troupe::test::memory_is_measurable;
using troupe::test::output_of;
using troupe::test::process;

/// The kv_server program, running on a port of its own.
class running_server : public troupe::test::running_service {
 public:
  explicit running_server(std::vector<std::string> options = {})
      : running_service(KV_SERVER_PROGRAM, std::move(options)) {}

  [[nodiscard]] client connect() const { return client::tcp(port()); }
};

/// The value of a field in an answer to INFO; empty: it is not there.
std::string info_field(client& from, const std::string& section, const std::string& field);

}  // namespace kv::test
