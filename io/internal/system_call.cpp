// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/system_call.hpp>

#include <asio/ip/tcp.hpp>

#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

/// Makes `call` until it is not interrupted.
template <class Call>
outcome perform(Call call) noexcept {
  for (;;) {
    const auto result = call();
    if (result >= 0) return {static_cast<std::size_t>(result), 0};
    if (errno != EINTR) return {0, errno};
  }
}

using get_name = int (*)(int, sockaddr*, socklen_t*);

/// Keeps SIGPIPE from the calling thread for a scope in which it makes one call. The thread does
/// not change meanwhile: nothing in the scope waits.
class without_sigpipe {
 public:
  without_sigpipe() noexcept {
    sigset_t pending;
    ::sigpending(&pending);
    if (::sigismember(&pending, SIGPIPE) == 1) return;  // somebody else's: it stays
    ::sigemptyset(&only_);
    ::sigaddset(&only_, SIGPIPE);
    active_ = ::pthread_sigmask(SIG_BLOCK, &only_, &before_) == 0;
  }
  ~without_sigpipe() {
    if (!active_) return;
    if (raised_) {
      const timespec at_once{};
      while (::sigtimedwait(&only_, nullptr, &at_once) == -1 && errno == EINTR) {
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;

  void raised() noexcept { raised_ = true; }

 private:
  sigset_t only_{};
  sigset_t before_{};
  bool active_ = false;
  bool raised_ = false;
};

outcome name_of(int descriptor, get_name get, endpoint& answer) noexcept {
  auto size = static_cast<socklen_t>(answer.capacity());
  const outcome result = perform([&] { return get(descriptor, answer.data(), &size); });
  if (!result.failed()) answer.resize(size);
  return result;
}

}  // namespace

[[gnu::noinline]] outcome receive(int descriptor, std::span<std::byte> buffer) noexcept {
  return perform([&] { return ::recv(descriptor, buffer.data(), buffer.size(), 0); });
}

[[gnu::noinline]] outcome peek(int descriptor) noexcept {
  pollfd look{descriptor, POLLIN | POLLRDHUP, 0};
  const outcome events = perform([&] { return ::poll(&look, 1, 0); });
  return !events.failed() && events.number == 0 ? outcome{0, EAGAIN} : events;
}

[[gnu::noinline]] bool is_readable(int descriptor) noexcept {
  pollfd look{descriptor, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1 && (look.revents & POLLIN) != 0;
}

[[gnu::noinline]] outcome send(int descriptor, std::span<const std::byte> data) noexcept {
  return perform([&] { return ::send(descriptor, data.data(), data.size(), MSG_NOSIGNAL); });
}

[[gnu::noinline]] outcome send(int descriptor, std::span<const iovec> buffers) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(buffers.data());  // sendmsg() only reads them
  message.msg_iovlen = buffers.size();
  return perform([&] { return ::sendmsg(descriptor, &message, MSG_NOSIGNAL); });
}

[[gnu::noinline]] outcome shut_down_sending(int descriptor) noexcept {
  return perform([&] { return ::shutdown(descriptor, SHUT_WR); });
}

[[gnu::noinline]] outcome make_pipe(int (&ends)[2]) noexcept {
  return perform([&] { return ::pipe2(ends, O_CLOEXEC | O_NONBLOCK); });
}

[[gnu::noinline]] outcome prepare_pipe(int descriptor) noexcept {
  struct stat about;
  const outcome asked = perform([&] { return ::fstat(descriptor, &about); });
  if (asked.failed()) return asked;
  if (!S_ISFIFO(about.st_mode)) return {0, ENOSTR};
  const outcome flags = perform([&] { return ::fcntl(descriptor, F_GETFL); });
  if (flags.failed()) return flags;
  const int wanted = static_cast<int>(flags.number) | O_NONBLOCK;
  return perform([&] { return ::fcntl(descriptor, F_SETFL, wanted); });
}

[[gnu::noinline]] outcome read_pipe(int descriptor, std::span<std::byte> buffer) noexcept {
  return perform([&] { return ::read(descriptor, buffer.data(), buffer.size()); });
}

[[gnu::noinline]] outcome write_pipe(int descriptor, std::span<const iovec> buffers) noexcept {
  without_sigpipe guard;
  const outcome written = perform(
      [&] { return ::writev(descriptor, buffers.data(), static_cast<int>(buffers.size())); });
  if (written.error == EPIPE) guard.raised();
  return written;
}

[[gnu::noinline]] outcome make_socket(int family, int type) noexcept {
  return perform([&] { return ::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
}

[[gnu::noinline]] outcome make_socket_pair(int type, int (&ends)[2]) noexcept {
  return perform(
      [&] { return ::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends); });
}

[[gnu::noinline]] outcome accept(int descriptor) noexcept {
  return perform(
      [&] { return ::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); });
}

[[gnu::noinline]] outcome connect(int descriptor, address_ref to) noexcept {
  if (::connect(descriptor, to.data, to.size) == 0) return {};
  return {0, errno == EINTR ? EINPROGRESS : errno};  // interrupted, it goes on in the background
}

[[gnu::noinline]] outcome connected(int descriptor) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  const outcome asked =
      perform([&] { return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size); });
  if (asked.failed()) return asked;
  if (error != 0) return {0, error};
  endpoint peer;
  const outcome named = remote_endpoint(descriptor, peer);
  return named.error == ENOTCONN ? outcome{0, EINPROGRESS} : named;
}

[[gnu::noinline]] outcome bind(int descriptor, address_ref at) noexcept {
  return perform([&] { return ::bind(descriptor, at.data, at.size); });
}

[[gnu::noinline]] outcome bind_and_listen(int descriptor, address_ref at, int backlog) noexcept {
  const outcome bound = bind(descriptor, at);
  return bound.failed() ? bound : perform([&] { return ::listen(descriptor, backlog); });
}

[[gnu::noinline]] outcome set_option(int descriptor, int level, int option, int value) noexcept {
  return perform([&] { return ::setsockopt(descriptor, level, option, &value, sizeof value); });
}

[[gnu::noinline]] outcome reset_at_close(int descriptor) noexcept {
  const linger at_once{1, 0};
  return perform(
      [&] { return ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once); });
}

[[gnu::noinline]] outcome receive_datagram(int descriptor, std::span<std::byte> buffer,
                                           datagram_news& news) noexcept {
  iovec room{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &news.from;
  message.msg_namelen = sizeof news.from;
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  const outcome got = perform([&] { return ::recvmsg(descriptor, &message, 0); });
  news.from_size = message.msg_namelen;
  news.truncated = (message.msg_flags & MSG_TRUNC) != 0;
  return got;
}

[[gnu::noinline]] outcome send_datagram(int descriptor, std::span<const std::byte> data,
                                        const address_ref* to) noexcept {
  return perform([&] {
    return ::sendto(descriptor, data.data(), data.size(), MSG_NOSIGNAL,
                    to != nullptr ? to->data : nullptr, to != nullptr ? to->size : 0);
  });
}

[[gnu::noinline]] outcome local_endpoint(int descriptor, endpoint& answer) noexcept {
  return name_of(descriptor, &::getsockname, answer);
}

[[gnu::noinline]] outcome remote_endpoint(int descriptor, endpoint& answer) noexcept {
  return name_of(descriptor, &::getpeername, answer);
}

}  // namespace troupe::io::detail
