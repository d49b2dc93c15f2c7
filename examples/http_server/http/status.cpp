// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/http_server/http/status.hpp>

namespace http {

std::string_view text_of(status code) {
  switch (code) {
    case status::ok:
      return "200 OK";
    case status::bad_request:
      return "400 Bad Request";
    case status::not_found:
      return "404 Not Found";
    case status::method_not_allowed:
      return "405 Method Not Allowed";
    case status::request_timeout:
      return "408 Request Timeout";
    case status::content_too_large:
      return "413 Content Too Large";
    case status::uri_too_long:
      return "414 URI Too Long";
    case status::expectation_failed:
      return "417 Expectation Failed";
    case status::header_fields_too_large:
      return "431 Request Header Fields Too Large";
    case status::not_implemented:
      return "501 Not Implemented";
    case status::service_unavailable:
      return "503 Service Unavailable";
    case status::version_not_supported:
      return "505 HTTP Version Not Supported";
  }
  return "500 Internal Server Error";
}

}  // namespace http
