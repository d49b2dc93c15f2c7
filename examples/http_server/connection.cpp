// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/connection.hpp>

#include <examples/common/close_gently.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>

namespace http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::size_t piece = std::size_t{16} * 1024;  // of answers, with a time limit of its own
constexpr std::size_t send_at = piece;                 // answers that wait are not more for long
constexpr std::size_t keep_at_most = 2 * send_at;      // of memory, for the next answers

}  // namespace

connection::connection(troupe::context self, troupe::io::tcp_stream stream,
                       const connection_limits& limits)
    : self_(self),
      stream_(std::move(stream)),
      limits_(limits),
      parser_(limits.request),
      deadline_(clock::now() + limits.idle) {
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

bool connection::is_within() const { return parser_.progress() == request_parser::state::within; }

// 0: the client has ended the connection, or is too slow. What a request may take is one deadline
// for all of its bytes, and so it is for empty lines between requests: a client that sends one now
// and then is no better than a silent one, and neither is one whose bytes never end.
std::size_t connection::read(std::span<std::byte> buffer) {
  const auto left = deadline_ - clock::now();
  auto error = make_error_code(troupe::errc::timeout);
  std::size_t count = 0;
  if (left > 0ns) {
    stream_.read_timeout(left);
    count = stream_.read(buffer, error);
  }
  if (error == troupe::errc::timeout) {
    if (is_within()) refuse(status::request_timeout);
    return 0;
  }
  if (error) throw std::system_error(error, "read");
  return count;
}

// False: the connection ends.
bool connection::handle(std::string_view bytes) {
  while (!bytes.empty()) {
    const bool began_before = is_within();
    bytes.remove_prefix(parser_.feed(bytes));
    if (parser_.progress() == request_parser::state::failed) {
      refuse(parser_.failure());
      return false;
    }
    if (!began_before && is_within()) deadline_ = clock::now() + limits_.request_time;
    if (parser_.progress() != request_parser::state::complete) return true;
    if (!answer()) return false;
    parser_.next();
    deadline_ = clock::now() + limits_.idle;
    if (writer_.out.size() >= send_at) send_answers();
  }
  return true;
}

bool connection::answer() {
  if (answer_request(parser_.current())) return true;
  send_answers();
  close_gently();
  return false;
}

// Whether the connection is kept after it.
bool connection::answer_request(const request& what) {
  const auto [path, query] = parse_target(what.target);
  const auto found = find_resource(path);
  if (!found) {
    writer_.answer(what, status::not_found, plain_text, "404 Not Found\n", what.keep_alive);
  } else if (!allows(*found, what.method)) {
    writer_.answer(what, status::method_not_allowed, plain_text, "405 Method Not Allowed\n",
                   what.keep_alive, "Allow: " + std::string(found->methods) + "\r\n");
  } else if (found->what == resource::kind::text) {
    writer_.answer(what, status::ok, plain_text, found->text, what.keep_alive);
  } else if (found->what == resource::kind::echo) {
    echo(what);
  } else {
    return stream_lines(what, query);
  }
  return what.keep_alive;
}

// A large body is not copied: there may be as many as there are connections.
void connection::echo(const request& what) {
  constexpr std::string_view type = "application/octet-stream";
  if (what.body.size() < send_at) {
    return writer_.answer(what, status::ok, type, what.body, what.keep_alive);
  }
  writer_.begin_body(what, type, what.body.size(), what.keep_alive);
  send_answers();
  send(what.body);
}

bool connection::stream_lines(const request& what, std::string_view query) {
  const auto wanted = parse_stream_query(query);
  if (!wanted) {
    writer_.answer(what, status::bad_request, plain_text,
                   "400 Bad Request: lines=0..100000 and pause=0..10000 are known\n",
                   what.keep_alive);
    return what.keep_alive;
  }
  const bool keep_alive = what.keep_alive && what.minor_version > 0;
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
  return keep_alive;
}

void connection::send_answers() {
  if (writer_.out.empty()) return;
  const auto before = clock::now();
  send(writer_.out);
  deadline_ += clock::now() - before;  // which is no time that the client has taken for a request
  writer_.out.clear();
  if (writer_.out.capacity() > keep_at_most) writer_.out.shrink_to_fit();
}

void connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto next = bytes.substr(0, piece);
    stream_.write_all(next);
    bytes.remove_prefix(next.size());
  }
}

void connection::refuse(status code) {
  writer_.refuse(code);
  send_answers();
  close_gently();
}

void connection::close_gently() {
  examples::close_gently(std::move(stream_), std::min<clock::duration>(limits_.idle, 1s));
}

}  // namespace http
