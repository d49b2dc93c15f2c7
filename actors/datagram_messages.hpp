// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/stream_messages.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace troupe {

/// The message that activate() promises for a datagram socket, io::udp_socket or
/// io::local_datagram: one datagram that has come, which may be empty. Counts as unhandled until it
/// is destroyed. Its handler takes it by reference or by value.
template <class Socket>
class datagram {
 public:
  /// io::endpoint; for a local_datagram a path, in a std::string.
  using address = decltype(Socket::received::from);

  datagram(datagram&&) noexcept = default;
  datagram& operator=(datagram&&) = delete;
  ~datagram() = default;

  /// For the runtime.
  datagram(stream_id of, address from, std::string bytes, bool cut,
           detail::unhandled_share share) noexcept
      : id(of),
        truncated(cut),
        from_(std::move(from)),
        bytes_(std::move(bytes)),
        share_(std::move(share)) {}

  /// Who sent it: as Socket::received has it.
  const address& from() const noexcept { return from_; }
  /// What came.
  const std::string& bytes() const noexcept { return bytes_; }
  /// What came, to keep; it counts no longer than this message.
  std::string take() noexcept { return std::exchange(bytes_, {}); }

  const stream_id id;
  const bool truncated;  ///< longer than active_datagram_options::max_size: the rest is lost

 private:
  address from_;
  std::string bytes_;
  detail::unhandled_share share_;
};

/// The last message of an active datagram socket: it can receive no more, for the system's reason;
/// std::errc::bad_file_descriptor when it is not open; std::errc::not_enough_memory when there is
/// none to receive into.
struct datagrams_closed {
  stream_id id;
  std::error_code reason;
};

}  // namespace troupe
