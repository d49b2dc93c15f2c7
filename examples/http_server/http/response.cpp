// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/http/response.hpp>

#include <array>
#include <charconv>

namespace http {
namespace {

void append_number(std::string& to, std::size_t number, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  to.append(digits.data(), end);
}

}  // namespace

// Formatting it takes longer than all the rest: once a second is enough.
std::string_view response_writer::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_at_) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 64> text;
    // The C locale's names of days and months are those that HTTP wants.
    const auto length =
        std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    date_.assign(text.data(), length);
    date_at_ = now;
  }
  return date_;
}

void response_writer::head(status code, std::string_view type, bool keep_alive,
                           unsigned minor_version) {
  out += "HTTP/1.1 ";
  out += text_of(code);
  out += "\r\nServer: troupe\r\n";
  out += date();
  out += "Content-Type: ";
  out += type;
  out += "\r\n";
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (minor_version == 0) {
    out += "Connection: keep-alive\r\n";  // not what such a client takes for granted
  }
}

void response_writer::answer(const request& to, status code, std::string_view type,
                             std::string_view body, bool keep_alive, std::string_view more) {
  head(code, type, keep_alive, to.minor_version);
  out += more;
  end_head(body.size());
  if (to.method != "HEAD") out += body;
}

void response_writer::end_head(std::size_t length) {
  out += "Content-Length: ";
  append_number(out, length);
  out += "\r\n\r\n";
}

void response_writer::begin_body(const request& to, std::string_view type, std::size_t length,
                                 bool keep_alive) {
  head(status::ok, type, keep_alive, to.minor_version);
  end_head(length);
}

void response_writer::refuse(status code) {
  const std::string body = std::string(text_of(code)) + "\n";
  answer(request{}, code, "text/plain; charset=utf-8", body, false);
}

void response_writer::begin_chunks(const request& to, std::string_view type, bool keep_alive) {
  chunked_ = to.minor_version > 0;
  head(status::ok, type, keep_alive && chunked_, to.minor_version);
  if (chunked_) out += "Transfer-Encoding: chunked\r\n";
  out += "\r\n";
}

void response_writer::chunk(std::string_view data) {
  if (data.empty()) return;  // would be the end
  if (chunked_) {
    append_number(out, data.size(), 16);
    out += "\r\n";
  }
  out += data;
  if (chunked_) out += "\r\n";
}

void response_writer::end_chunks() {
  if (chunked_) out += "0\r\n\r\n";
}

void response_writer::go_on() { out += "HTTP/1.1 100 Continue\r\n\r\n"; }

}  // namespace http
