// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/child_exit.hpp>

#include <troupe/io/executor.hpp>
#include <troupe/io/internal/notice.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <asio/posix/basic_stream_descriptor.hpp>
#include <asio/post.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope_ptr;
using descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

/// The errno values of calls that are out of line: see system_call.hpp.
[[gnu::noinline]] int open_process(pid_t pid, int& error) noexcept {
  // Not every C library of today has a function for it.
  const auto opened = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // close-on-exec
  error = opened == -1 ? errno : 0;
  return opened;
}

[[gnu::noinline]] int look_at(int process, siginfo_t& found, int options) noexcept {
  constexpr auto process_descriptor = static_cast<idtype_t>(3);  // P_PIDFD
  const auto id = static_cast<id_t>(process);
  return ::waitid(process_descriptor, id, &found, WEXITED | WNOHANG | options) == 0 ? 0 : errno;
}

/// Lives on while the context has a handler that refers to it. Needs no memory of ours to report.
class child_watch : public std::enable_shared_from_this<child_watch> {
 public:
  child_watch(descriptor process, pid_t pid, envelope_ptr prepared)
      : process_(std::move(process)), pid_(pid), prepared_(std::move(prepared)) {}

  /// The context's.
  void start() noexcept {
    for (;;) {
      try {
        process_.async_wait(descriptor::wait_read,
                            [self = shared_from_this()](const std::error_code& error) {
                              if (!error) self->report();
                            });
        return;
      } catch (...) {  // no memory to wait with: others must end first
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }

 private:
  void report() noexcept {
    siginfo_t found{};
    child_exited news{pid_, -1, 0, look_at(process_.native_handle(), found, 0)};
    if (news.error == 0) {
      (found.si_code == CLD_EXITED ? news.exit_code : news.signal) = found.si_status;
    }
    send_notice(std::move(prepared_), news);
  }

  descriptor process_;
  const pid_t pid_;
  envelope_ptr prepared_;
};

/// The descriptor of a process, for Asio. Throws std::system_error.
descriptor watched(const asio::io_context::executor_type& context, int process,
                   const std::string& what) {
  descriptor made(context);
  std::error_code error;
  made.assign(process, error);
  if (!error) return made;
  ::close(process);
  throw std::system_error(error, what);
}

}  // namespace

void notify_child_exit(troupe::detail::task& receiver, pid_t pid) {
  if (&troupe::detail::waiting_task() != &receiver) {
    throw std::logic_error("troupe: notify_child_exit() for another actor");
  }
  const std::string what = "troupe: notify_child_exit of process " + std::to_string(pid);
  const auto context = executor();
  int error = 0;
  const int process = open_process(pid, error);
  if (error != 0) {
    if (error == ESRCH || error == EINVAL) error = ECHILD;
    throw std::system_error(error, std::generic_category(), what);
  }
  descriptor owned = watched(context, process, what);
  siginfo_t ignored{};
  error = look_at(process, ignored, WNOWAIT);
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
  const auto watch =
      std::make_shared<child_watch>(std::move(owned), pid, notified(receiver).prepare());
  asio::post(context, [watch] { watch->start(); });
}

}  // namespace troupe::io::detail
