// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/resolver.hpp>

#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/lookup.hpp>

namespace troupe::io {

std::vector<endpoint> resolve(const std::string& host, std::uint16_t port, time_span timeout,
                              std::error_code& error) {
  troupe::detail::task& self = detail::begin_call();
  detail::time_limit limit(timeout);
  error.clear();
  return detail::look_up(host, port, self, limit, error);
}

std::vector<endpoint> resolve(const std::string& host, std::uint16_t port, time_span timeout) {
  std::error_code error;
  std::vector<endpoint> found = resolve(host, port, timeout, error);
  if (error) throw std::system_error(error, "troupe: resolve " + detail::shown(host, port));
  return found;
}

}  // namespace troupe::io
