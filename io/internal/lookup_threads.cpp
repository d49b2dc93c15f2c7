// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/lookup_threads.hpp>

#include <troupe/io/internal/waiting_call.hpp>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <csignal>
#include <new>
#include <thread>

#include <pthread.h>

namespace troupe::io::detail {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

/// Arbitrary: each thread that is stuck costs a stack, and one name that is never answered should
/// not keep others waiting. glibc's own getaddrinfo_a() has 20.
constexpr std::size_t most_threads = 16;
/// Arbitrary: longer than the pauses of who looks names up again and again.
constexpr std::chrono::milliseconds patience = 5s;

/// Blocks. Asio's call rather than getaddrinfo(), for its error codes.
void look_up(lookup& l) noexcept {
  try {
    asio::io_context context;
    tcp::resolver resolver(context);
    for (const auto& entry :
         resolver.resolve(l.host, l.port, tcp::resolver::numeric_service, l.error)) {
      l.found.push_back(entry.endpoint());
    }
  } catch (const std::bad_alloc&) {
    l.error = std::make_error_code(std::errc::not_enough_memory);
  } catch (const std::system_error& e) {  // pthread_key_create(), the first time
    l.error = e.code();
  }
}

}  // namespace

lookup_threads& lookup_threads::all() {
  static auto* const threads = new lookup_threads(most_threads, patience);
  return *threads;
}

std::error_code lookup_threads::begin(const std::shared_ptr<lookup>& l) {
  const std::scoped_lock hold(mutex_);
  if (waiting_.size() >= free_ && threads_ < most_) {
    const std::error_code error = start_thread();
    if (error && threads_ == 0) return error;  // else one of the others comes to it
  }
  l->place_ = waiting_.insert(waiting_.end(), l);
  l->waits_ = true;
  begun_.notify_one();
  return {};
}

void lookup_threads::forget(lookup& l) noexcept {
  const std::scoped_lock hold(mutex_);
  if (!l.waits_) return;
  l.waits_ = false;
  waiting_.erase(l.place_);  // the caller has another reference
}

std::size_t lookup_threads::thread_count() const {
  const std::scoped_lock hold(mutex_);
  return threads_;
}

/// The lock is held: the thread begins when it is free.
std::error_code lookup_threads::start_thread() noexcept {
  try {
    std::thread([this]() noexcept {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // signals are for the program's own threads
      run();
    }).detach();
  } catch (const std::system_error& e) {
    return e.code();
  } catch (const std::bad_alloc&) {
    return std::make_error_code(std::errc::not_enough_memory);
  }
  ++threads_;
  ++free_;
  return {};
}

void lookup_threads::run() noexcept {
  std::unique_lock hold(mutex_);
  while (begun_.wait_for(hold, patience_, [this] { return !waiting_.empty(); })) {
    std::shared_ptr<lookup> taken = std::move(waiting_.front());
    waiting_.pop_front();
    taken->waits_ = false;
    --free_;
    hold.unlock();
    look_up(*taken);
    // The behavior that waits does not leave before this is through, nor does its system end.
    end_wait(taken->done);
    taken.reset();
    hold.lock();
    ++free_;
  }
  --free_;
  --threads_;
}

}  // namespace troupe::io::detail
