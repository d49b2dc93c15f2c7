// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/channel.hpp>

#include <troupe/io/internal/open_socket.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace troupe::io {

socket_id channel::id() const noexcept { return socket_ != nullptr ? socket_->id : socket_id(); }

int channel::native_handle() const noexcept {
  return socket_ != nullptr ? socket_->descriptor : -1;
}

void channel::close() {
  if (socket_ != nullptr && socket_->is_waited_in()) {
    throw std::logic_error("troupe: close() while another actor waits in what it closes");
  }
  socket_.reset();
}

void channel::move_to(std::size_t worker) {
  constexpr const char* call = "troupe: move_to";
  detail::socket& s = detail::require_open(socket_, call);
  // More than 32 bits are more workers than there can be.
  const auto index = static_cast<std::uint32_t>(std::min<std::size_t>(worker, UINT32_MAX));
  detail::throw_if(s.move_to(troupe::detail::waiting_task(), index), call);
}

void channel::request_notice(troupe::detail::task& receiver, bool has_more) {
  detail::socket& s = detail::require_open(socket_, "troupe: notify_readable");
  if (&troupe::detail::waiting_task() != &receiver) {
    throw std::logic_error("troupe: notify_readable() for another actor");
  }
  s.request_notice(receiver, has_more);
}

}  // namespace troupe::io
