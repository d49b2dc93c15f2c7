// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/io/detail/bound_path.hpp>
#include <troupe/io/listener.hpp>
#include <troupe/io/local_stream.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace troupe::io {

/// How a local_listener listens.
struct local_listen_options {
  /// See listen_options::backlog. From 1.
  int backlog = 1024;
  /// A socket file at the path to which nobody listens any more, as a crashed process leaves it, is
  /// removed first.
  bool remove_stale = false;
};

/// A path that takes connections of other processes on this machine. Who may use it when: see
/// listener. The file is removed when the listener is closed or destroyed, unless another one has
/// taken its place meanwhile.
class local_listener : public listener {
 public:
  using stream_type = local_stream;

  /// A listener that does not listen.
  local_listener() noexcept = default;
  /// What is moved from does not listen.
  local_listener(local_listener&&) noexcept = default;
  local_listener& operator=(local_listener&&) noexcept = default;
  ~local_listener() = default;

  /// Listens at `path`, of at most 107 bytes, where there is no file yet. Who may connect, the
  /// file's permissions say, that is the process' umask, and those of its directory. **Suspends**
  /// never. **From** anywhere. **Errors** std::system_error whose text names the path: it exists
  /// (EADDRINUSE), no such directory, no permission, too long; std::invalid_argument for a bad
  /// option.
  static local_listener bind(const std::string& path, local_listen_options options = {});

  /// See tcp_listener::accept().
  local_stream accept();
  local_stream accept(std::error_code& error) { return local_stream(accept_socket(error)); }
  /// See tcp_listener::try_accept().
  local_stream try_accept(std::error_code& error) { return local_stream(try_accept_socket(error)); }

  /// Where it listens; empty when it does not.
  const std::string& path() const noexcept { return path_.text(); }

  /// Listens no longer, and removes the file. **Suspends** never. **Errors** std::logic_error when
  /// an actor waits in accept().
  void close();

 private:
  local_listener(detail::socket_ptr socket, detail::bound_path path) noexcept
      : listener(std::move(socket)), path_(std::move(path)) {}

  detail::bound_path path_;
};

}  // namespace troupe::io
