// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <string>

namespace http {

/// What a client asks for.
struct request {
  std::string method;
  std::string target;  ///< path and query, as they came
  std::string body;
  unsigned minor_version = 1;  ///< of HTTP/1.x
  bool keep_alive = true;      ///< the client would like to go on
};

}  // namespace http
