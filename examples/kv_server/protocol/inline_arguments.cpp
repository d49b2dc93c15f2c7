// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/protocol/inline_arguments.hpp>

namespace kv {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool ends_word(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Writes what it reads back to the same line: what is written is never longer than what was read.
class splitter {
 public:
  splitter(char* base, std::size_t begin, std::size_t end)
      : base_(base), in_(begin), end_(end), out_(begin) {}

  bool at_end() {
    while (in_ < end_ && is_space(base_[in_])) ++in_;
    return in_ == end_;
  }

  bool word(argument& result) {
    const auto start = out_;
    bool open = true;
    while (open && in_ < end_) {
      const char c = base_[in_];
      if (ends_word(c)) {
        ++in_;
        break;
      }
      if (c == '"' || c == '\'') {
        ++in_;
        if (!(c == '"' ? double_quoted() : single_quoted())) return false;
        open = false;  // a closing quote ends the word
      } else {
        put(c);
        ++in_;
      }
    }
    result = {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(out_ - start), 0};
    return true;
  }

 private:
  void put(char c) { base_[out_++] = c; }

  [[nodiscard]] bool closed_well() const { return in_ == end_ || is_space(base_[in_]); }

  bool double_quoted() {
    while (in_ < end_) {
      const char c = base_[in_++];
      if (c == '"') return closed_well();
      if (c == '\\' && in_ < end_) {
        escape();
      } else {
        put(c);
      }
    }
    return false;
  }

  void escape() {
    if (base_[in_] == 'x' && in_ + 2 < end_) {
      const int high = hex_digit(base_[in_ + 1]);
      const int low = hex_digit(base_[in_ + 2]);
      if (high >= 0 && low >= 0) {
        put(static_cast<char>(high * 16 + low));
        in_ += 3;
        return;
      }
    }
    put(unescaped(base_[in_++]));
  }

  bool single_quoted() {
    while (in_ < end_) {
      const char c = base_[in_++];
      if (c == '\'') return closed_well();
      if (c == '\\' && in_ < end_ && base_[in_] == '\'') {
        put('\'');
        ++in_;
      } else {
        put(c);
      }
    }
    return false;
  }

  char* base_;
  std::size_t in_;
  std::size_t end_;
  std::size_t out_;
};

}  // namespace

bool split_inline(char* base, std::size_t begin, std::size_t end, std::vector<argument>& list) {
  splitter line(base, begin, end);
  while (!line.at_end()) {
    argument next;
    if (!line.word(next)) return false;
    list.push_back(next);
  }
  return true;
}

}  // namespace kv
