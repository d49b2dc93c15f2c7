// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/connection.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>

namespace http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::size_t send_at = std::size_t{64} * 1024;  // answers that wait are not more for long
constexpr std::size_t keep_at_most = 2 * send_at;        // of memory, for the next answers
constexpr std::size_t piece = std::size_t{16} * 1024;    // of answers, with a time limit of its own

}  // namespace

connection::connection(troupe::context self, troupe::io::tcp_stream stream,
                       const connection_limits& limits)
    : self_(self), stream_(std::move(stream)), limits_(limits), parser_(limits.request) {
  stream_.write_timeout(limits.write);
}

void connection::serve() {
  std::array<std::byte, 8192> buffer;
  for (;;) {
    const auto count = read(buffer);
    if (count == 0) return;
    const std::string_view bytes(reinterpret_cast<const char*>(buffer.data()), count);
    if (!handle(bytes)) return;
    if (parser_.take_expectation()) writer_.go_on();
    send_answers();
  }
}

// 0: the client has gone, or is too slow. What a request may take is one deadline for all of its
// bytes: a client that sends one now and then is no better than a silent one.
std::size_t connection::read(std::span<std::byte> buffer) {
  const bool within = parser_.progress() == request_parser::state::within;
  const auto left = std::max<clock::duration>(request_deadline_ - clock::now(), 1ns);
  stream_.read_timeout(within ? left : clock::duration(limits_.idle));
  std::error_code error;
  const auto count = stream_.read(buffer, error);
  if (error == troupe::errc::timeout && within) refuse(status::request_timeout);
  if (error) return 0;
  return count;
}

// False: the connection ends.
bool connection::handle(std::string_view bytes) {
  while (!bytes.empty()) {
    if (parser_.progress() == request_parser::state::between) {
      request_deadline_ = clock::now() + limits_.request_time;
    }
    bytes.remove_prefix(parser_.feed(bytes));
    if (parser_.progress() == request_parser::state::failed) {
      refuse(parser_.failure());
      return false;
    }
    if (parser_.progress() != request_parser::state::complete) return true;
    if (!answer()) return false;
    parser_.next();
    if (writer_.out.size() >= send_at) send_answers();
  }
  return true;
}

bool connection::answer() {
  const auto& what = parser_.current();
  answer_request(what, what.keep_alive);
  if (what.keep_alive) return true;
  send_answers();
  close_gently();
  return false;
}

void connection::answer_request(const request& what, bool keep_alive) {
  const auto mark = what.target.find('?');
  const auto path = std::string_view(what.target).substr(0, mark);
  const auto query = mark == std::string::npos ? std::string_view{}
                                               : std::string_view(what.target).substr(mark + 1);
  const auto found = find_resource(path);
  if (!found)
    return writer_.answer(what, status::not_found, plain_text, "404 Not Found\n", keep_alive);
  if (!allows(*found, what.method)) {
    return writer_.answer(what, status::method_not_allowed, plain_text, "405 Method Not Allowed\n",
                          keep_alive, "Allow: " + std::string(found->methods) + "\r\n");
  }
  switch (found->what) {
    case resource::kind::text:
      return writer_.answer(what, status::ok, plain_text, found->text, keep_alive);
    case resource::kind::echo:
      return writer_.answer(what, status::ok, "application/octet-stream", what.body, keep_alive);
    case resource::kind::stream:
      return stream_lines(what, query, keep_alive);
  }
}

void connection::stream_lines(const request& what, std::string_view query, bool keep_alive) {
  const auto wanted = parse_stream_query(query);
  if (!wanted) {
    return writer_.answer(what, status::bad_request, plain_text,
                          "400 Bad Request: lines=0..100000 and pause=0..10000 are known\n",
                          keep_alive);
  }
  writer_.begin_chunks(what, plain_text, keep_alive);
  for (std::uint32_t i = 1; i <= wanted->lines; ++i) {
    writer_.chunk("line " + std::to_string(i) + "\n");
    if (wanted->pause > 0ms) {
      send_answers();
      self_.sleep_for(wanted->pause);
    } else if (writer_.out.size() >= send_at) {
      send_answers();
    }
  }
  writer_.end_chunks();
}

void connection::send_answers() {
  for (std::string_view left = writer_.out; !left.empty();) {
    const auto next = left.substr(0, piece);
    stream_.write_all(next);
    left.remove_prefix(next.size());
  }
  writer_.out.clear();
  if (writer_.out.capacity() > keep_at_most) writer_.out.shrink_to_fit();
}

void connection::refuse(status code) {
  writer_.refuse(code);
  send_answers();
  close_gently();
}

// To close while bytes are unread resets the connection, and with it the answer that is on its way.
// So the client is given a moment to read it.
void connection::close_gently() {
  constexpr std::size_t most = std::size_t{256} * 1024;
  const auto deadline = clock::now() + std::min<clock::duration>(limits_.idle, 1s);
  std::error_code error;
  stream_.shutdown(error);
  std::array<std::byte, 4096> ignored;
  for (std::size_t total = 0; total < most && !error;) {
    stream_.read_timeout(std::max<clock::duration>(deadline - clock::now(), 1ns));
    const auto count = stream_.read(ignored, error);
    if (count == 0) return;
    total += count;
  }
}

}  // namespace http
