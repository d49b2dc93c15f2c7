// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/internal/system_call.hpp>

#include <string>
#include <system_error>

#include <sys/un.h>

namespace troupe::io::detail {

/// A path as the address of a Unix domain socket.
class local_address {
 public:
  /// With an error, it is none: the path is empty, contains a zero byte, or is too long.
  local_address(const std::string& path, std::error_code& error) noexcept;

  address_ref ref() const noexcept {
    return {reinterpret_cast<const sockaddr*>(&address_), sizeof address_};
  }

  /// Whether there is a file, a socket's, which no process uses any more. `type`, SOCK_STREAM or
  /// SOCK_DGRAM, is what it was used for: of another one that is in use, the answer is no.
  bool is_stale(int type) const noexcept;
  void remove() const noexcept;

 private:
  sockaddr_un address_{};
};

/// The path in an address that the system has answered; empty when it has none.
std::string path_of(const sockaddr_storage& address, socklen_t size);

/// "troupe: cannot WHAT PATH", and the limit when `error` says that it is too long.
std::string local_failure_text(const char* what, const std::string& path,
                               const std::error_code& error);

}  // namespace troupe::io::detail
