// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/tls_connection.hpp>

#include <troupe/base/clock.hpp>
#include <troupe/base/error.hpp>
#include <troupe/io/tls_error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::io::detail {
namespace {

/// What is left of a call's time: nothing for no limit.
std::optional<std::chrono::nanoseconds> left_until(std::uint64_t deadline_ns) noexcept {
  if (deadline_ns == troupe::detail::never_ns) return std::nullopt;
  const std::uint64_t now = troupe::detail::now_ns();
  const std::uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
  constexpr auto most = static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count());
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(left, most - 1)));
}

std::error_code truncated() noexcept {
  return {static_cast<int>(tls_errc::truncated), tls_category()};
}

}  // namespace

/// What a call receives until its deadline, and a little more, so that what is there is read even
/// when its time is over: the parts of one record. A peer may send messages of the protocol itself
/// without end, for which a call never has to wait.
class tls_connection::receipts {
 public:
  static constexpr std::size_t size = 4096;  // arbitrary: small, for it is stack while we wait
  static constexpr std::size_t longest_record = std::size_t{16} * 1024 + 256 + 5;  // RFC 8446, 5.2
  static constexpr std::size_t most_late = longest_record / size + 1;

  explicit receipts(std::uint64_t deadline_ns) noexcept : deadline_ns_(deadline_ns) {}

  /// What is left for the next one; false: nothing, and that is the last word.
  bool begin_next(std::optional<std::chrono::nanoseconds>& left) noexcept {
    left = left_until(deadline_ns_);
    return !left || left->count() > 0 || late_++ < most_late;
  }

 private:
  const std::uint64_t deadline_ns_;
  std::size_t late_ = 0;
};

tls_connection::tls_connection(const tls_context& context, tcp_stream peer, const std::string& host)
    : peer_(std::move(peer)), session_(context, host) {}

/// Feeds the session with what comes next. False, without an error: the connection has ended.
bool tls_connection::receive(receipts& of, std::error_code& error) {
  std::array<std::byte, receipts::size> buffer;
  std::optional<std::chrono::nanoseconds> left;
  if (!of.begin_next(left)) {
    error = errc::timeout;
    return false;
  }
  peer_.read_timeout(left);
  const std::size_t got = peer_.read(buffer, error);
  if (error || got == 0) return false;
  session_.feed(std::span(buffer).first(got));
  return true;
}

void tls_connection::send_output(std::uint64_t deadline_ns, std::error_code& error) {
  const std::vector<std::byte> output = session_.take_output();
  if (output.empty()) return;
  peer_.write_timeout(left_until(deadline_ns));
  peer_.write_all(output, error);
  if (!error) session_.output_sent();
}

/// False, with an error, when an earlier write was not completed.
bool tls_connection::may_send(std::error_code& error) {
  if (session_.is_cut()) error = std::make_error_code(std::errc::broken_pipe);
  return !error;
}

void tls_connection::handshake(std::uint64_t deadline_ns, std::error_code& error) {
  receipts received(deadline_ns);
  for (;;) {
    const tls_step step = session_.handshake(error);
    std::error_code unsent;
    send_output(deadline_ns, unsent);  // also the alert that says why it has failed
    if (step == tls_step::failed) return;
    if (!error) error = unsent;
    if (!error && step == tls_step::ended) error = truncated();  // what may come still, is not read
    if (error || step == tls_step::done) return;
    if (!receive(received, error)) {
      if (!error) error = truncated();
      return;
    }
  }
}

/// `receive()` feeds the session, or answers false: with an error, or at the connection's end.
template <class Receive>
std::size_t tls_connection::read_by(Receive receive, std::span<std::byte> buffer,
                                    std::error_code& error) {
  if (buffer.empty() || is_ended_) return 0;
  error = read_error_;
  std::size_t got = 0;
  while (!error) {
    switch (session_.read(buffer, got, error)) {
      case tls_step::done:
        return got;
      case tls_step::ended:
        is_ended_ = true;
        return 0;
      case tls_step::failed:
        read_error_ = error;
        session_.send_answers(peer_.native_handle());  // the alert that says why
        return 0;
      case tls_step::starved:
        break;
    }
    if (!session_.send_answers(peer_.native_handle())) {
      error = read_error_ = std::make_error_code(std::errc::no_buffer_space);
    } else if (!receive() && !error) {
      error = read_error_ = truncated();
    }
  }
  return 0;
}

std::size_t tls_connection::read(std::span<std::byte> buffer, std::uint64_t deadline_ns,
                                 std::error_code& error) {
  receipts received(deadline_ns);
  return read_by([&] { return receive(received, error); }, buffer, error);
}

std::size_t tls_connection::try_read(std::span<std::byte> buffer, std::error_code& error) {
  std::size_t receipts_left = receipts::most_late;  // as in a read() whose time is over
  const auto try_receive = [&] {
    std::array<std::byte, receipts::size> came;
    if (receipts_left-- == 0) {
      error = std::make_error_code(std::errc::operation_would_block);
      return false;
    }
    const std::size_t got = peer_.try_read(came, error);
    if (error || got == 0) return false;
    session_.feed(std::span(came).first(got));
    return true;
  };
  return read_by(try_receive, buffer, error);
}

void tls_connection::notify_readable(troupe::detail::task& receiver) {
  peer_.request_notice(receiver, has_more());
}

/// Whether a read would be over before it received anything: the connection's own descriptor does
/// not tell of what has been received already.
bool tls_connection::has_more() {
  if (is_ended_ || read_error_) return true;
  switch (session_.peek(read_error_)) {
    case tls_step::done:
      return true;
    case tls_step::ended:
      is_ended_ = true;
      return true;
    case tls_step::failed:
      session_.send_answers(peer_.native_handle());  // the alert that says why
      return true;
    case tls_step::starved:
      break;
  }
  if (session_.send_answers(peer_.native_handle())) return false;
  read_error_ = std::make_error_code(std::errc::no_buffer_space);
  return true;
}

void tls_connection::write_all(std::span<const std::byte> data, std::uint64_t deadline_ns,
                               std::error_code& error) {
  if (!may_send(error)) return;
  while (!data.empty() && !error) {
    const auto record = data.first(std::min(data.size(), tls_session::most_written));
    session_.write(record, error);
    if (!error) send_output(deadline_ns, error);
    data = data.subspan(record.size());
  }
}

void tls_connection::shutdown(std::uint64_t deadline_ns, std::error_code& error) {
  if (!may_send(error)) return;
  session_.end_output(error);
  if (!error) send_output(deadline_ns, error);
  if (!error) peer_.shutdown(error);
}

}  // namespace troupe::io::detail
