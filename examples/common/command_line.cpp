// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/command_line.hpp>

#include <CLI/CLI.hpp>

#include <utility>

namespace examples {
namespace {

std::string seconds_text(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000; rest != 0) {
    text += "." + std::to_string(1000 + rest).substr(1);
  }
  return text;
}

}  // namespace

struct command_line::parser {
  CLI::App app;

  // `read` answers what is wrong with the text, or nothing.
  template <class Read>
  CLI::Option* add_read(const char* name, const char* meaning, Read read) {
    const auto take = [name, read](const std::string& text) {
      const std::string problem = read(text);
      if (!problem.empty()) throw CLI::ValidationError(name, problem);
    };
    return app.add_option_function<std::string>(name, take, meaning);
  }
};

command_line::command_line(std::string about, std::string program)
    : parser_(new parser{CLI::App(std::move(about), std::move(program))}) {}

command_line::~command_line() = default;

void command_line::add_text(const char* name, std::string& text, const char* meaning) {
  parser_->app.add_option(name, text, meaning)->capture_default_str();
}

void command_line::add_choice(const char* name, std::string& chosen, std::vector<std::string> words,
                              const char* meaning) {
  parser_->app.add_option(name, chosen, meaning)
      ->check(CLI::IsMember(std::move(words)))
      ->capture_default_str();
}

void command_line::add_texts(const char* name, std::vector<std::string>& texts,
                             const char* meaning) {
  parser_->app.add_option(name, texts, meaning)->capture_default_str();
}

void command_line::add_port(const char* name, std::uint16_t& port, const char* meaning) {
  const auto read = [&port](const std::string& text) { return read_port(text, 0, port); };
  parser_->add_read(name, meaning, read)->type_name("PORT")->default_str(std::to_string(port));
}

void command_line::add_count(const char* name, std::size_t& count, std::size_t smallest,
                             std::size_t largest, const char* meaning) {
  parser_->app.add_option(name, count, meaning)
      ->check(CLI::Range(smallest, largest))
      ->capture_default_str();
}

void command_line::add_size(const char* name, std::size_t& bytes, std::size_t smallest,
                            std::size_t largest, const char* meaning) {
  const auto read = [&bytes, smallest, largest](const std::string& text) {
    return read_size(text, smallest, largest, bytes);
  };
  parser_->add_read(name, meaning, read)->type_name("BYTES")->default_str(std::to_string(bytes));
}

void command_line::add_size_or_zero(const char* name, std::size_t& bytes, std::size_t smallest,
                                    std::size_t largest, const char* meaning) {
  const auto read = [&bytes, smallest, largest](const std::string& text) {
    if (read_size(text, 0, 0, bytes).empty()) return std::string();
    const auto problem = read_size(text, smallest, largest, bytes);
    return problem.empty() ? problem : problem + ", or 0";
  };
  parser_->add_read(name, meaning, read)->type_name("BYTES")->default_str(std::to_string(bytes));
}

void command_line::add_time(const char* name, std::chrono::milliseconds& time,
                            const char* meaning) {
  const auto read = [&time](const std::string& text) { return read_seconds(text, time); };
  parser_->add_read(name, meaning, read)->type_name("SECONDS")->default_str(seconds_text(time));
}

void command_line::add_whole_seconds(const char* name, std::chrono::seconds& time,
                                     const char* meaning) {
  constexpr std::int64_t longest = 1'000'000'000;
  parser_->app
      .add_option_function<std::int64_t>(
          name, [&time](std::int64_t seconds) { time = std::chrono::seconds(seconds); }, meaning)
      ->check(CLI::Range(std::int64_t{0}, longest))
      ->default_str(std::to_string(time.count()));
}

void command_line::add_peer(const char* name, peer_address& peer, const char* meaning) {
  const auto read = [&peer](const std::string& text) { return read_peer(text, peer); };
  parser_->add_read(name, meaning, read)->type_name("HOST:PORT")->required();
}

std::optional<int> command_line::parse(int argc, char** argv) {
  try {
    parser_->app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return parser_->app.exit(error);
  }
}

}  // namespace examples
