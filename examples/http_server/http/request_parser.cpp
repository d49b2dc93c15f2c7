// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/http/request_parser.hpp>

#include <algorithm>
#include <climits>
#include <utility>

namespace http {
namespace {

// Longer ones are none of those that matter to us.
constexpr std::size_t longest_known_name = 32;
constexpr std::size_t longest_known_value = 1024;
// A connection that waits for its next request does not hold the memory of a larger one.
constexpr std::size_t largest_kept_body = std::size_t{64} * 1024;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_text(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

}  // namespace

struct request_parser::callbacks {
  static request_parser& of(http_parser* parser) {
    return *static_cast<request_parser*>(parser->data);
  }

  static int on_begin(http_parser* parser) {
    of(parser).state_ = state::within;
    return 0;
  }
  static int on_target(http_parser* parser, const char* at, std::size_t length) {
    auto& self = of(parser);
    if (self.request_.target.size() + length > self.limits_.target) {
      return self.fail(status::uri_too_long);
    }
    self.request_.target.append(at, length);
    return 0;
  }
  static int on_name(http_parser* parser, const char* at, std::size_t length) {
    return of(parser).name_part({at, length});
  }
  static int on_value(http_parser* parser, const char* at, std::size_t length) {
    return of(parser).value_part({at, length});
  }
  static int on_end_of_head(http_parser* parser) { return of(parser).end_of_head(); }
  static int on_body(http_parser* parser, const char* at, std::size_t length) {
    auto& self = of(parser);
    if (length > self.limits_.body - self.request_.body.size()) {
      return self.fail(status::content_too_large);
    }
    self.request_.body.append(at, length);
    return 0;
  }
  static int on_end(http_parser* parser) {
    of(parser).state_ = state::complete;
    http_parser_pause(parser, 1);  // the next request has to wait for its turn
    return 0;
  }

  static const http_parser_settings& settings() {
    static const http_parser_settings all = [] {
      http_parser_settings made;
      http_parser_settings_init(&made);
      made.on_message_begin = on_begin;
      made.on_url = on_target;
      made.on_header_field = on_name;
      made.on_header_value = on_value;
      made.on_headers_complete = on_end_of_head;
      made.on_body = on_body;
      made.on_message_complete = on_end;
      return made;
    }();
    return all;
  }
};

request_parser::request_parser(const request_limits& limits) : limits_(limits) { next(); }

void request_parser::next() {
  http_parser_init(&parser_, HTTP_REQUEST);
  parser_.data = this;
  request_.target.clear();
  request_.body.clear();
  if (request_.body.capacity() > largest_kept_body) request_.body.shrink_to_fit();
  name_.clear();
  value_.clear();
  in_value_ = false;
  head_size_ = 0;
  hosts_ = 0;
  expects_continue_ = false;
  state_ = state::between;
}

std::size_t request_parser::feed(std::string_view bytes) {
  const auto taken =
      http_parser_execute(&parser_, &callbacks::settings(), bytes.data(), bytes.size());
  const auto error = HTTP_PARSER_ERRNO(&parser_);
  if (error != HPE_OK && error != HPE_PAUSED) {
    if (state_ != state::failed) failure_ = reason_of(error);
    state_ = state::failed;
  }
  return taken;
}

bool request_parser::take_expectation() { return std::exchange(expects_continue_, false); }

int request_parser::fail(status code) {
  failure_ = code;
  state_ = state::failed;
  return -1;
}

// The parts of names and values come as they were cut by the network.
int request_parser::name_part(std::string_view part) {
  if (in_value_) end_of_value();
  head_size_ += part.size();
  if (head_size_ > limits_.head) return fail(status::header_fields_too_large);
  // http_parser lets blanks pass, unless it was built to be strict. What others take such a name
  // for could be a way to slip them a request.
  if (part.find(' ') != std::string_view::npos) return fail(status::bad_request);
  if (name_.size() <= longest_known_name) {
    for (const char letter : part) name_.push_back(lower(letter));
  }
  return 0;
}

int request_parser::value_part(std::string_view part) {
  if (!in_value_) {
    in_value_ = true;
    field_ = name_ == "host"                ? field::host
             : name_ == "expect"            ? field::expect
             : name_ == "transfer-encoding" ? field::transfer_encoding
                                            : field::other;
  }
  head_size_ += part.size();
  if (head_size_ > limits_.head) return fail(status::header_fields_too_large);
  if (field_ != field::other && value_.size() <= longest_known_value) value_.append(part);
  return 0;
}

void request_parser::end_of_value() {
  if (field_ == field::host) ++hosts_;
  if (field_ == field::expect) {
    if (same_text(value_, "100-continue")) {
      expects_continue_ = true;
    } else {
      fail(status::expectation_failed);
    }
  }
  // What else a body may be wrapped in we do not know how to unwrap.
  if (field_ == field::transfer_encoding && !same_text(value_, "chunked")) {
    fail(status::not_implemented);
  }
  name_.clear();
  value_.clear();
  in_value_ = false;
}

int request_parser::end_of_head() {
  if (in_value_) end_of_value();
  if (state_ == state::failed) return -1;
  request_.method = http_method_str(static_cast<http_method>(parser_.method));
  request_.minor_version = parser_.http_minor;
  request_.keep_alive = http_should_keep_alive(&parser_) != 0;
  if (parser_.http_major != 1) return fail(status::version_not_supported);
  if (parser_.http_minor > 0 && hosts_ != 1) return fail(status::bad_request);
  if (parser_.method == HTTP_CONNECT) return fail(status::method_not_allowed);
  parser_.upgrade = 0;  // an offer, which is declined by ignoring it
  const bool has_length = parser_.content_length != ULLONG_MAX;
  if (has_length && parser_.content_length > limits_.body) return fail(status::content_too_large);
  const bool has_body =
      (parser_.flags & F_CHUNKED) != 0 || (has_length && parser_.content_length > 0);
  if (!has_body || parser_.http_minor == 0) expects_continue_ = false;
  return 0;
}

status request_parser::reason_of(http_errno error) const {
  switch (error) {
    case HPE_HEADER_OVERFLOW:
      return status::header_fields_too_large;
    case HPE_INVALID_VERSION:
      return status::version_not_supported;
    default:
      return status::bad_request;
  }
}

}  // namespace http
