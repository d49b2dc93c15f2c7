// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <troupe/actors/actor.hpp>
#include <troupe/actors/detail/accepting.hpp>
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/serve_options.hpp>
#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace troupe::detail {

/// A connection tells its server that an exception has left the handler: its `down` may know the
/// reason no more, when it ends before the server watches it.
struct connection_failed {
  exit_reason reason;
};

/// The body of a connection's actor whose failure the server reports.
template <class Handler, class Stream>
void run_connection(context& self, Handler handler, Stream stream, any_ref server) {
  try {
    handler(self, std::move(stream));
  } catch (const actor_exit&) {
    throw;
  } catch (...) {
    const exit_reason reason(std::current_exception());
    server.send(connection_failed{reason});
    self.quit(reason);
  }
}

/// What serve() starts.
template <class Listener, class Handler>
class server : public actor<std::size_t(drain), std::size_t(count_connections), void(accept_now),
                            void(connection_failed)> {
  using stream = typename Listener::stream_type;

 public:
  server(Listener listener, Handler handler, serve_options options)
      : listener_(std::move(listener), options.max_connections),
        handler_(std::move(handler)),
        options_(std::move(options)) {}
  ~server() { kill_all(); }

  void on(accept_now) {
    listener_.note_accept_now();
    accept();
  }
  void on(io::socket_ready) { accept(); }
  void on(const down& ended) {
    live_.erase(ended.actor);
    if (listener_.is_full()) accept();
  }
  void on(const connection_failed& failed) { report(failed.reason); }
  std::size_t on(count_connections) { return live_.size(); }

  std::size_t on(drain order) {
    listener_.close();
    for (const any_ref& each : live_) tell(each);
    const std::uint64_t deadline = deadline_from_now(order.deadline);
    while (!live_.empty() && receive_until(deadline)) {
    }
    while (receive_until(0)) {  // failures of connections that have ended
    }
    const std::size_t killed = live_.size();
    kill_all();
    self().quit();
    return killed;
  }

 private:
  void accept() {
    listener_.accept_some(
        self(), [this] { return live_.size(); }, [this](stream s) { return start(std::move(s)); });
  }

  /// False: no actor can be had for it, nor for the next one.
  bool start(stream s) {
    any_ref started;
    try {
      started = spawn_connection(std::move(s));
      live_.insert(started);
      self().monitor(started);
      return true;
    } catch (const std::exception& e) {
      const exit_reason reason(std::current_exception());
      if (started) {
        live_.erase(started);
        kill(started);
      }
      const auto* const error = dynamic_cast<const std::system_error*>(&e);
      if (error != nullptr && error->code() == errc::stopping) {
        listener_.close();
        return true;
      }
      if (options_.on_failure) {
        report(reason);
      } else {
        report_not_started(self().ref(), reason);
      }
      return false;
    }
  }

  any_ref spawn_connection(stream s) {
    if (!options_.on_failure) return self().spawn(options_.connection, handler_, std::move(s));
    return self().spawn(options_.connection, &run_connection<Handler, stream>, handler_,
                        std::move(s), self().ref());
  }

  /// False: the deadline has passed.
  bool receive_until(std::uint64_t deadline) {
    const std::uint64_t now = now_ns();
    std::chrono::nanoseconds left{0};
    if (deadline == never_ns) {
      left = std::chrono::nanoseconds::max();
    } else if (deadline > now) {
      left = std::chrono::nanoseconds(deadline - now);
    }
    return self().receive([this](const down& ended) { live_.erase(ended.actor); },
                          [this](const connection_failed& failed) { report(failed.reason); },
                          after(left));
  }

  /// Without on_failure nobody sends a connection_failed: the system hears of it.
  void report(const exit_reason& reason) { options_.on_failure(reason); }

  static void tell(const any_ref& connection) noexcept {
    try {
      post_control(*connection.block(), connection.generation(), envelope_kind::notice, draining{});
    } catch (const std::exception&) {  // no memory for the message: there is the deadline
    }
  }

  static void kill(const any_ref& connection) noexcept {
    try {
      connection.kill();
    } catch (const std::exception&) {  // no memory for the message: it ends with its peer
    }
  }

  void kill_all() noexcept {
    for (const any_ref& each : live_) kill(each);
    live_.clear();
  }

  accepting<Listener> listener_;
  Handler handler_;
  serve_options options_;
  std::unordered_set<any_ref> live_;
};

}  // namespace troupe::detail
