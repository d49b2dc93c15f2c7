// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <examples/common/read_value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace examples {

/// What a program's command line may say. What an add function is given is where the value goes;
/// what it holds before is the default. CLI11 reads the line, and is seen by command_line.cpp only:
/// compilers take longer for it than for any of the programs.
class command_line {
 public:
  command_line(std::string about, std::string program);
  ~command_line();
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  void add_text(const char* name, std::string& text, const char* meaning);

  /// One of some words.
  void add_choice(const char* name, std::string& chosen, std::vector<std::string> words,
                  const char* meaning);

  /// All arguments that are no options.
  void add_texts(const char* name, std::vector<std::string>& texts, const char* meaning);

  /// A TCP port.
  void add_port(const char* name, std::uint16_t& port, const char* meaning);

  /// A number within bounds.
  void add_count(const char* name, std::size_t& count, std::size_t smallest, std::size_t largest,
                 const char* meaning);

  /// A number of bytes, also with a unit, such as 64K.
  void add_size(const char* name, std::size_t& bytes, std::size_t smallest, std::size_t largest,
                const char* meaning);

  /// The same, or 0.
  void add_size_or_zero(const char* name, std::size_t& bytes, std::size_t smallest,
                        std::size_t largest, const char* meaning);

  /// A time in seconds, also a fraction: from a millisecond to 1,000,000,000 seconds.
  void add_time(const char* name, std::chrono::milliseconds& time, const char* meaning);

  /// A time in whole seconds: from 0 to 1,000,000,000.
  void add_whole_seconds(const char* name, std::chrono::seconds& time, const char* meaning);

  /// A required argument HOST:PORT.
  void add_peer(const char* name, peer_address& peer, const char* meaning);

  /// Reads the command line. std::nullopt: go on; else the program ends with this code, because
  /// help was asked for or something is wrong with it (either has been printed).
  [[nodiscard]] std::optional<int> parse(int argc, char** argv);

 private:
  struct parser;
  std::unique_ptr<parser> parser_;
};

}  // namespace examples
