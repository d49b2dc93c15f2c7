// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/signal_set.hpp>

#include <troupe/base/atomic.hpp>
#include <troupe/io/executor.hpp>
#include <troupe/io/internal/notice.hpp>
#include <troupe/scheduler/detail/wait.hpp>

#include <asio/post.hpp>
#include <asio/signal_set.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe::io {
namespace detail {
namespace {

/// How many of our sets have each number: a handler that is there without one is somebody else's.
std::mutex numbers_mutex;
struct use {
  int sets = 0;
  struct sigaction before {};  // what the first one found
};
std::array<use, NSIG> uses{};  // guarded by numbers_mutex

std::string text_for(int number) { return "troupe: signal_set: signal " + std::to_string(number); }

/// What the program itself does, in the middle of an instruction: a handler that returns would have
/// it do that again, for ever.
bool tells_of_a_fault(int number) noexcept {
  constexpr std::array faults = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  return std::find(faults.begin(), faults.end(), number) != faults.end();
}

/// The disposition that the number has now.
struct sigaction require_free(int number) {
  if (tells_of_a_fault(number)) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            text_for(number) + " tells of a fault of the program");
  }
  struct sigaction present {};
  if (::sigaction(number, nullptr, &present) != 0) {
    throw std::system_error(errno, std::generic_category(), text_for(number));
  }
  const bool has_handler = (present.sa_flags & SA_SIGINFO) != 0 ||
                           (present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN);
  if (has_handler && uses[static_cast<std::size_t>(number)].sets == 0) {
    throw std::system_error(std::make_error_code(std::errc::device_or_resource_busy),
                            text_for(number) + " has a handler already");
  }
  return present;
}

/// Asio leaves the default behind, also where the signal was ignored before; unless others use
/// Asio for it still. One that comes in between has its default effect.
void restore(int number, const struct sigaction& before) noexcept {
  struct sigaction present {};
  if (::sigaction(number, nullptr, &present) != 0) return;
  const bool is_default = (present.sa_flags & SA_SIGINFO) == 0 && present.sa_handler == SIG_DFL;
  if (is_default) ::sigaction(number, &before, nullptr);
}

/// Asio's handler interrupts system calls, and runs on the stack that it finds: which may be a
/// small one.
void be_discreet(int number) noexcept {
  struct sigaction present {};
  if (::sigaction(number, nullptr, &present) != 0) return;
  present.sa_flags |= SA_RESTART | SA_ONSTACK;
  ::sigaction(number, &present, nullptr);
}

}  // namespace

/// Lives on while the context has a handler that refers to it.
class signal_watch : public std::enable_shared_from_this<signal_watch> {
 public:
  signal_watch(const asio::io_context::executor_type& executor, notified whom)
      : signals_(executor), whom_(whom) {}

  void add(int number) {
    const std::scoped_lock hold(numbers_mutex);
    const struct sigaction present = require_free(number);
    numbers_.reserve(numbers_.size() + 1);
    std::error_code error;
    signals_.add(number, error);
    if (error) throw std::system_error(error, text_for(number));
    be_discreet(number);
    use& of_number = uses[static_cast<std::size_t>(number)];
    if (of_number.sets++ == 0) of_number.before = present;
    numbers_.push_back(number);
  }

  /// The owner's.
  void start() {
    asio::post(signals_.get_executor(), [self = shared_from_this()] { self->await(); });
  }
  void stop() noexcept {
    stopped_.store_relaxed(true);  // a hint: what is under way may still come
    std::error_code ignored;
    const std::scoped_lock hold(numbers_mutex);
    signals_.clear(ignored);  // Asio's own lock is for this: await() may be at work
    for (const int number : numbers_) {
      use& of_number = uses[static_cast<std::size_t>(number)];
      if (--of_number.sets == 0) restore(number, of_number.before);
    }
    signals_.cancel(ignored);
  }

 private:
  /// The context's.
  void await() noexcept {
    while (!try_await()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    // stop() may have cancelled when there was nothing yet: then its store, made before it took
    // Asio's lock, is seen here, after async_wait() has taken it.
    std::error_code ignored;
    if (stopped_.load_relaxed()) signals_.cancel(ignored);
  }

  /// False: there is no memory to wait with, or for the next notice; others must end first. Asio
  /// counts meanwhile what comes.
  bool try_await() noexcept {
    if (stopped_.load_relaxed()) return true;
    try {
      if (prepared_ == nullptr) prepared_ = whom_.prepare();
      signals_.async_wait([self = shared_from_this()](const std::error_code& error, int number) {
        if (error || self->stopped_.load_relaxed()) return;
        send_notice(std::move(self->prepared_), signal_received{number});
        self->await();
      });
      return true;
    } catch (...) {
      return false;
    }
  }

  asio::basic_signal_set<asio::io_context::executor_type> signals_;
  const notified whom_;
  troupe::detail::envelope_ptr prepared_;  // the context's: for the next notice
  std::vector<int> numbers_;               // the owner's
  troupe::detail::atomic<bool> stopped_{false};
};

}  // namespace detail

signal_set::signal_set(troupe::detail::task& receiver, const std::vector<int>& numbers) {
  if (&troupe::detail::waiting_task() != &receiver) {
    throw std::logic_error("troupe: a signal_set for another actor");
  }
  watch_ = std::make_shared<detail::signal_watch>(executor(), detail::notified(receiver));
  try {
    for (const int number : numbers) watch_->add(number);
    watch_->start();
  } catch (...) {
    watch_->stop();
    throw;
  }
}

signal_set::signal_set(signal_set&&) noexcept = default;

signal_set& signal_set::operator=(signal_set&& other) noexcept {
  if (this != &other && watch_ != nullptr) watch_->stop();
  watch_ = std::move(other.watch_);
  return *this;
}

signal_set::~signal_set() {
  if (watch_ != nullptr) watch_->stop();
}

}  // namespace troupe::io
