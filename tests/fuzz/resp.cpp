// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// However the bytes of a connection are cut, the same requests come out; within the limits.
#include <fuzz/fuzz.hpp>

#include <examples/kv_server/protocol/request_reader.hpp>

#include <string>
#include <vector>

namespace {

using namespace troupe::fuzz;
using state = kv::request_reader::state;

// The limit of a line depends on what comes together: here no input is as long.
constexpr kv::request_limits limits{.arguments = 50, .argument = 1000};

struct outcome {
  std::vector<std::vector<std::string>> requests;
  std::string error;
  state last = state::ok;

  friend bool operator==(const outcome&, const outcome&) = default;
};

void take_requests(kv::request_reader& from, outcome& to) {
  for (const auto& each : from.requests()) {
    auto& words = to.requests.emplace_back();
    const auto given = from.arguments_of(each);
    for (std::size_t i = 0; i < given.size(); ++i) words.emplace_back(given[i]);
  }
  from.drop_parsed();
}

outcome parse(const cut_input& input, bool in_pieces) {
  outcome result;
  kv::request_reader reader(limits);
  feed(input, in_pieces, [&](std::string_view piece) {
    while (!piece.empty()) {
      const auto room = reader.room();
      require(!room.empty(), "no room for more");
      const auto count = std::min(room.size(), piece.size());
      std::copy_n(piece.data(), count, room.data());
      reader.commit(count);
      piece.remove_prefix(count);
      result.last = reader.parse();
      take_requests(reader, result);
      if (result.last == state::protocol_error) result.error = reader.error();
      if (result.last != state::ok) return false;
    }
    return true;
  });
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 60'000) return 0;
  const cut_input input(data, size);
  require(parse(input, false) == parse(input, true), "other requests when they come in pieces");
  return 0;
}
