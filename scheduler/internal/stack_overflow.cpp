// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/stack_overflow.hpp>

#include <troupe/base/atomic.hpp>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>

namespace troupe::detail {
namespace {

/// Room for the handlers of programs that have their own, beside what the kernel pushes (some 3 KiB
/// with AVX-512, more with AMX).
constexpr std::size_t handler_room = 64 * 1024;

constinit atomic<overflow_identity> identity{nullptr};
constinit atomic<bool> reporting{false};
/// Written once, before the handler that reads it is installed.
struct sigaction previous;

/// A line of text built without what a signal handler must not call.
class report_text {
 public:
  report_text& operator<<(std::string_view text) noexcept {
    const std::size_t length = std::min(text.size(), sizeof(text_) - length_);
    std::memcpy(text_ + length_, text.data(), length);
    length_ += length;
    return *this;
  }
  report_text& operator<<(std::size_t number) noexcept {
    char digits[20];
    char* first = digits + sizeof(digits);
    do {
      *--first = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this << std::string_view(first,
                                     static_cast<std::size_t>(digits + sizeof(digits) - first));
  }
  void write_to_stderr() const noexcept {
    std::size_t written = 0;
    while (written < length_) {
      const ssize_t n = ::write(STDERR_FILENO, text_ + written, length_ - written);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      written += static_cast<std::size_t>(n);
    }
  }

 private:
  char text_[1024];
  std::size_t length_ = 0;
};

/// For whom nobody knows.
std::string_view user_of(stack_use use) noexcept {
  switch (use) {
    case stack_use::worker:
      return "a worker";
    case stack_use::actor:
      return "an actor";
    case stack_use::generator:
      return "a generator";
    case stack_use::signal:
      break;
  }
  return "a signal handler";
}

/// Only what has an effect: whoever follows the advice must not meet the same report again.
std::string_view advice_for(stack_use use, bool may_have_its_own) noexcept {
  switch (use) {
    case stack_use::worker:
      if (!may_have_its_own) return "Raise system_options::stack_size";
      return "Raise spawn_options::stack_size for this actor, or system_options::stack_size for "
             "all";
    case stack_use::actor:
      return "Raise spawn_options::stack_size for this actor";
    case stack_use::generator:
      return "Raise generator_options::stack_size";
    case stack_use::signal:
      break;
  }
  return "A signal handler needs too much";
}

[[noreturn]] void report(const stack& overflown) noexcept {
  // One report: whoever comes second waits for the end of the process.
  while (reporting.exchange_acq_rel(true)) ::pause();  // one-sided: nothing is published

  char who[512];
  who[0] = '\0';
  bool may_have_its_own = false;
  if (const overflow_identity ask = identity.load_acquire()) {  // [identity]
    may_have_its_own = ask(overflown.base(), who, sizeof(who));
    who[sizeof(who) - 1] = '\0';
  }
  std::string_view name(who);
  if (name.empty()) name = user_of(overflown.use());
  report_text text;
  text << "troupe: stack overflow in " << name << ": its stack of " << overflown.size() / 1024
       << " KiB is used up. " << advice_for(overflown.use(), may_have_its_own)
       << " (or look for an endless recursion).\n";
  text.write_to_stderr();
  std::abort();
}

/// What would have happened to the signal without us.
void pass_on(int signal, siginfo_t* info, void* context) noexcept {
  const bool sent = info->si_code <= 0;  // by a process: it does not come again by itself
  if ((previous.sa_flags & SA_SIGINFO) == 0) {
    if (previous.sa_handler == SIG_IGN && sent) return;
    if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
      // Returning runs the faulting instruction again, now with the default effect, so that a core
      // file shows the place itself.
      struct sigaction fallback {};
      fallback.sa_handler = SIG_DFL;
      ::sigaction(signal, &fallback, nullptr);
      if (sent) ::raise(signal);  // blocked until we return
      return;
    }
  }
  // With the signal mask that the kernel would have given it.
  sigset_t mask = static_cast<const ucontext_t*>(context)->uc_sigmask;
  sigorset(&mask, &mask, &previous.sa_mask);
  if ((previous.sa_flags & SA_NODEFER) == 0) sigaddset(&mask, signal);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else {
    previous.sa_handler(signal);
  }
}

void on_fault(int signal, siginfo_t* info, void* context) noexcept {
  const int error = errno;
  const void* const address = info->si_addr;
  if (info->si_code > 0) {
    const stack* const hit = find_stack(address);
    if (hit != nullptr && hit->guards(address)) report(*hit);
  }
  pass_on(signal, info, context);
  errno = error;
}

}  // namespace

void install_overflow_report() {
  static const bool installed = [] {
    if (::sigaction(SIGSEGV, nullptr, &previous) != 0) {
      throw std::system_error(errno, std::generic_category(),
                              "troupe: cannot read SIGSEGV's handler");
    }
    struct sigaction ours {};
    ours.sa_sigaction = on_fault;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&ours.sa_mask);  // a preempted report would be a late one
    if (::sigaction(SIGSEGV, &ours, nullptr) != 0) {
      throw std::system_error(errno, std::generic_category(), "troupe: cannot handle SIGSEGV");
    }
    return true;
  }();
  static_cast<void>(installed);
}

void set_overflow_identity(overflow_identity ask) noexcept {
  identity.store_release(ask);  // [identity] pairs with the acquire in report()
}

stack_ptr make_signal_stack() {
  const auto least = static_cast<std::size_t>(std::max(::sysconf(_SC_MINSIGSTKSZ), 0L));
  return stack_ptr(acquire_stack(handler_room + least, stack_use::signal));
}

alternate_stack::alternate_stack(stack_ptr memory) : stack_(std::move(memory)) {
  stack_t ours{};
  ours.ss_sp = stack_->base();
  ours.ss_size = stack_->size();
  if (::sigaltstack(&ours, &before_) != 0) {
    throw std::system_error(errno, std::generic_category(), "troupe: cannot set a signal stack");
  }
}

alternate_stack::~alternate_stack() { ::sigaltstack(&before_, nullptr); }

[[gnu::noinline]] void ensure_overflow_report() {
  asm volatile("");  // thread-local addresses do not survive a switch: stay out of line
  thread_local bool done = false;
  if (done) return;
  install_overflow_report();
  stack_t present{};
  if (::sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) != 0) {
    thread_local std::optional<alternate_stack> until_thread_ends;
    until_thread_ends.emplace();
  }
  done = true;
}

}  // namespace troupe::detail
