// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/message_type.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>

namespace troupe::detail {

std::string readable_name(const std::type_info& info) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(info.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? std::string(text.get()) : std::string(info.name());
}

std::string message_type::name() const { return readable_name(*info); }

}  // namespace troupe::detail
