// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/stream.hpp>

#include <system_error>
#include <utility>

namespace troupe::io {

/// The end of a pipe that is read from; see stream. A read answers 0, the end of the stream, when
/// the last writing end has been closed. Writing, by way of stream&, fails with
/// std::errc::bad_file_descriptor.
class pipe_reader : public stream {
 public:
  pipe_reader() noexcept = default;
  pipe_reader(pipe_reader&&) noexcept = default;
  pipe_reader& operator=(pipe_reader&&) noexcept = default;
  ~pipe_reader() = default;

  /// Takes an open descriptor of a pipe or a FIFO over, and closes it in the end; sets O_NONBLOCK,
  /// which all its duplicates then have. **Errors** std::system_error names the descriptor, and why
  /// not: it is none of a pipe's (ENOSTR), or not open; it stays the caller's then.
  static pipe_reader adopt(int descriptor);

  template <class... Arguments>
  void write_all(Arguments&&...) = delete;
  template <class... Arguments>
  void shutdown(Arguments&&...) = delete;

  /// For the runtime.
  explicit pipe_reader(detail::socket_ptr socket) noexcept : stream(std::move(socket)) {}
};

/// The end of a pipe that is written to; see stream. When the reading end has been closed, writing
/// fails with EPIPE, never by a signal. shutdown() is close(). Reading, by way of stream&, fails
/// with std::errc::bad_file_descriptor.
class pipe_writer : public stream {
 public:
  pipe_writer() noexcept = default;
  pipe_writer(pipe_writer&&) noexcept = default;
  pipe_writer& operator=(pipe_writer&&) noexcept = default;
  ~pipe_writer() = default;

  /// See pipe_reader::adopt().
  static pipe_writer adopt(int descriptor);

  template <class... Arguments>
  void read(Arguments&&...) = delete;
  template <class... Arguments>
  void read_exactly(Arguments&&...) = delete;
  template <class... Arguments>
  void read_until(Arguments&&...) = delete;
  template <class... Arguments>
  void try_read(Arguments&&...) = delete;

  /// For the runtime.
  explicit pipe_writer(detail::socket_ptr socket) noexcept : stream(std::move(socket)) {}
};

/// A new pipe. **Suspends** never. **From** anywhere. **Errors** std::system_error.
std::pair<pipe_reader, pipe_writer> make_pipe();

}  // namespace troupe::io
