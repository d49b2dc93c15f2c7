// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_running_server.hpp>

namespace kv::test {

std::string info_field(client& from, const std::string& section, const std::string& field) {
  const auto answer = from.ask({"info", section});
  const auto start = answer.find("\n" + field + ":");
  if (start == std::string::npos) return {};
  const auto value = start + field.size() + 2;
  return answer.substr(value, answer.find('\r', value) - value);
}

}  // namespace kv::test
