// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// However a stream is cut, the same frames come out of it, none above its limit.
#include <fuzz/fuzz.hpp>

#include <troupe/io/framing.hpp>

#include <bit>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace troupe::fuzz;
namespace io = troupe::io;

constexpr std::size_t limit = 40;

struct outcome {
  std::vector<std::string> bodies;
  bool failed = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome find_all(io::framer& by, const cut_input& input, bool in_pieces) {
  outcome result;
  std::string buffer;
  feed(input, in_pieces, [&](std::string_view piece) {
    buffer += piece;
    std::error_code error;
    while (const auto next = by.find(buffer, error)) {
      require(!error, "a frame and an error");
      require(next->body.size() <= limit, "a frame above its limit");
      require(next->size <= buffer.size() && next->size > 0, "a frame beyond the input");
      result.bodies.emplace_back(next->body);
      buffer.erase(0, next->size);
    }
    result.failed = static_cast<bool>(error);
    return !result.failed;
  });
  return result;
}

template <class Make>
void check(const cut_input& input, Make&& make) {
  auto whole = make();
  auto cut = make();
  require(find_all(whole, input, false) == find_all(cut, input, true),
          "other frames when they come in pieces");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const cut_input input(data, size);
  check(input, [] { return io::line_framer(limit); });
  check(input, [] { return io::delimiter_framer("--", limit); });
  check(input, [] { return io::delimiter_framer("aab", limit); });
  for (const auto order : {std::endian::big, std::endian::little}) {
    for (const std::size_t width : {1U, 2U, 4U}) {
      check(input, [&] { return io::length_framer(width, order, limit); });
    }
  }
  return 0;
}
