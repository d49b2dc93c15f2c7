// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_client.hpp>
#include <examples/kv_request.hpp>

#include <charconv>
#include <stdexcept>

namespace kv::test {
namespace {

bool take_line(std::string_view& bytes, std::string_view& line) {
  const auto end = bytes.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = bytes.substr(0, end);
  bytes.remove_prefix(end + 2);
  return true;
}

}  // namespace

bool take_reply(std::string_view& bytes, reply& result) {
  auto rest = bytes;
  std::string_view line;
  if (!take_line(rest, line)) return false;
  if (line.empty()) throw std::runtime_error("an empty line where an answer should be");
  result = {line.front(), std::string(line.substr(1)), {}};
  long count = 0;
  std::from_chars(line.data() + 1, line.data() + line.size(), count);
  switch (result.type) {
    case '+':
    case '-':
    case ':':
      break;
    case '$':
      if (count < 0) break;
      if (rest.size() < static_cast<std::size_t>(count) + 2) return false;
      result.text = rest.substr(0, static_cast<std::size_t>(count));
      rest.remove_prefix(static_cast<std::size_t>(count) + 2);
      break;
    case '*':
      for (long i = 0; i < count; ++i) {
        if (!take_reply(rest, result.items.emplace_back())) return false;
      }
      break;
    default:
      throw std::runtime_error("not RESP: " + std::string(line));
  }
  bytes = rest;
  return true;
}

void client::send(std::initializer_list<std::string_view> arguments) {
  send(request({arguments.begin(), arguments.end()}));
}

std::string client::read_reply() {
  for (;;) {
    std::string_view rest = received();
    reply parts;
    if (take_reply(rest, parts)) {
      auto result = received().substr(0, received().size() - rest.size());
      received().erase(0, result.size());
      return result;
    }
    if (fill() == 0) throw std::runtime_error("the server closed the connection");
  }
}

std::string client::ask(std::initializer_list<std::string_view> arguments) {
  send(arguments);
  return read_reply();
}

std::string client::ask(const std::vector<std::string>& arguments) {
  send(request({arguments.begin(), arguments.end()}));
  return read_reply();
}

}  // namespace kv::test
