// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// However the bytes of a connection are cut, the same requests come out; within the limits.
#include <fuzz/fuzz.hpp>

#include <examples/http_server/http/request_parser.hpp>
#include <examples/http_server/site.hpp>

#include <string>
#include <vector>

namespace {

using namespace troupe::fuzz;
using state = http::request_parser::state;

const http::request_limits limits{.target = 200, .head = 1000, .body = 1500};

struct outcome {
  std::vector<std::string> requests;
  bool failed = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

std::string text_of(const http::request& what) {
  require(what.target.size() <= limits.target, "a target above its limit");
  require(what.body.size() <= limits.body, "a body above its limit");
  const auto [path, query] = http::parse_target(what.target);
  static_cast<void>(http::find_resource(path));
  static_cast<void>(http::parse_stream_query(query));
  return what.method + ' ' + what.target + ' ' + std::to_string(what.minor_version) +
         (what.keep_alive ? " stays " : " ends ") + what.body;
}

outcome parse(const cut_input& input, bool in_pieces) {
  outcome result;
  http::request_parser parser(limits);
  feed(input, in_pieces, [&](std::string_view piece) {
    while (!piece.empty()) {
      const auto taken = parser.feed(piece);
      require(taken <= piece.size(), "more taken than there is");
      piece.remove_prefix(taken);
      result.failed = parser.progress() == state::failed;
      if (result.failed) return false;
      if (parser.progress() == state::complete) {
        result.requests.push_back(text_of(parser.current()));
        parser.next();
      } else {
        require(piece.empty(), "bytes left over within a request");
      }
    }
    return true;
  });
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const cut_input input(data, size);
  require(parse(input, false) == parse(input, true), "other requests when they come in pieces");
  return 0;
}
