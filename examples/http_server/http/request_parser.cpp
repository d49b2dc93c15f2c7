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
constexpr std::size_t largest_kept_body = std::size_t{4} * 1024;

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
    return of(parser).append_to_body({at, length});
  }
  static int on_end(http_parser* parser) {
    if (!of(parser).in_chunks_) of(parser).state_ = state::complete;
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

request_parser::request_parser(const request_limits& limits)
    : limits_(limits), chunks_(limits.head) {
  next();
}

void request_parser::next() {
  http_parser_init(&parser_, HTTP_REQUEST);
  parser_.data = this;
  request_.target.clear();
  drop_body();
  name_.clear();
  value_.clear();
  in_value_ = false;
  head_size_ = 0;
  hosts_ = 0;
  codings_ = 0;
  at_end_of_head_ = false;
  in_chunks_ = false;
  chunks_ = chunk_decoder(limits_.head);
  expects_continue_ = false;
  state_ = state::between;
}

std::size_t request_parser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  if (!in_chunks_) {
    taken = execute(bytes);
    if (std::exchange(at_end_of_head_, false) && state_ != state::failed) {
      // http_parser takes any byte for the last one, unless it was built to be strict.
      if (bytes[taken] != '\n') {
        fail(status::bad_request);
        return taken;
      }
      http_parser_pause(&parser_, 0);
      taken += execute(bytes.substr(taken));
    }
  }
  if (in_chunks_ && state_ == state::within) decode_chunks(bytes, taken);
  return taken;
}

std::size_t request_parser::execute(std::string_view bytes) {
  const auto taken =
      http_parser_execute(&parser_, &callbacks::settings(), bytes.data(), bytes.size());
  const auto error = HTTP_PARSER_ERRNO(&parser_);
  if (error != HPE_OK && error != HPE_PAUSED) {
    if (state_ != state::failed) failure_ = reason_of(error);
    state_ = state::failed;
  }
  return taken;
}

// http_parser lets pass what it should not: any two bytes behind a chunk, any one behind a carriage
// return.
void request_parser::decode_chunks(std::string_view bytes, std::size_t& taken) {
  while (taken < bytes.size() && state_ == state::within) {
    const auto [size, data] = chunks_.decode(bytes.substr(taken));
    taken += size;
    if (chunks_.progress() == chunk_decoder::state::malformed) {
      fail(status::bad_request);
    } else if (chunks_.progress() == chunk_decoder::state::too_long) {
      fail(status::header_fields_too_large);
    } else if (append_to_body(data) != 0) {
      return;
    } else if (chunks_.missing() > limits_.body - request_.body.size()) {
      fail(status::content_too_large);
    } else if (chunks_.progress() == chunk_decoder::state::complete) {
      state_ = state::complete;
    }
  }
}

int request_parser::append_to_body(std::string_view part) {
  auto& body = request_.body;
  if (part.size() > limits_.body - body.size()) return fail(status::content_too_large);
  const auto needed = body.size() + part.size();
  if (needed > body.capacity()) {
    const auto room = std::max(needed, std::min(2 * body.capacity(), limits_.body));
    const auto more = room > largest_kept_body ? room - body_room_ : 0;
    if (more > 0 && limits_.bodies != nullptr) {
      if (!limits_.bodies->take(more)) return fail(status::service_unavailable);
      body_room_ += more;
    }
    body.reserve(room);
  }
  body.append(part);
  return 0;
}

void request_parser::drop_body() {
  request_.body.clear();
  if (request_.body.capacity() > largest_kept_body) request_.body = std::string();
  if (body_room_ > 0) limits_.bodies->give_back(std::exchange(body_room_, 0));
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
  if (field_ == field::transfer_encoding) {
    ++codings_;
    if (!same_text(value_, "chunked")) fail(status::not_implemented);
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
  // A client of HTTP/1.0 knows no chunks; who stands before us may take them for something else.
  if (codings_ > 1 || (codings_ == 1 && parser_.http_minor == 0)) return fail(status::bad_request);
  parser_.upgrade = 0;  // an offer, which is declined by ignoring it
  const bool has_length = parser_.content_length != ULLONG_MAX;
  if (has_length && parser_.content_length > limits_.body) return fail(status::content_too_large);
  in_chunks_ = codings_ == 1;
  const bool has_body = in_chunks_ || (has_length && parser_.content_length > 0);
  if (!has_body || parser_.http_minor == 0) expects_continue_ = false;
  at_end_of_head_ = true;
  http_parser_pause(&parser_, 1);
  return in_chunks_ ? 1 : 0;  // 1: no body that http_parser knows of
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
