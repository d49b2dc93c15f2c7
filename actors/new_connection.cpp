// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/new_connection.hpp>

#include <exception>

namespace troupe {

connection_place::~connection_place() {
  if (!acceptor_) return;
  try {
    acceptor_.send(detail::place_freed{});
  } catch (const std::exception&) {  // no memory for the message: the place stays taken
  }
}

}  // namespace troupe
