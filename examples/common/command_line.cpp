// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/command_line.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <utility>

namespace examples {
namespace {

constexpr double shortest_seconds = 0.001;
constexpr double longest_seconds = 1e9;

std::string seconds_text(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000; rest != 0) {
    text += "." + std::to_string(1000 + rest).substr(1);
  }
  return text;
}

// The error's text; empty: `text` is a time, now in `time`.
std::string read_seconds(const std::string& text, std::chrono::milliseconds& time) {
  double seconds = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  // Written so that it refuses what is not a number as well.
  const bool within = seconds >= shortest_seconds && seconds <= longest_seconds;
  if (error != std::errc{} || stop != end || !within) {
    return "'" + text + "' is no time in seconds from 0.001 to 1000000000";
  }
  time = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  return {};
}

// The same for HOST:PORT. An IPv6 address stands in brackets.
std::string read_peer(const std::string& text, peer_address& peer) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return "'" + text + "' is not HOST:PORT";
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.empty() || host.find_first_of(":[]") != std::string::npos) {
    return "'" + text + "' names no host (an IPv6 address needs brackets: [::1]:PORT)";
  }
  std::uint16_t port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end || port == 0) {
    return "'" + text + "' names no port from 1 to 65535";
  }
  peer = {host, port};
  return {};
}

}  // namespace

struct command_line::parser {
  CLI::App app;

  CLI::Option* add_size(const char* name, std::size_t& bytes, const char* meaning) {
    return app.add_option(name, bytes, meaning)
        ->transform(CLI::AsSizeValue(false))
        ->capture_default_str();
  }

  // `read` gives the error's text, which is empty when there is none.
  template <class Value>
  CLI::Option* add_read(const char* name, Value& value, const char* meaning,
                        std::string (*read)(const std::string&, Value&)) {
    const auto take = [&value, name, read](const std::string& text) {
      const auto problem = read(text, value);
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
  parser_->app.add_option(name, port, meaning)->capture_default_str();
}

void command_line::add_count(const char* name, std::size_t& count, std::size_t smallest,
                             std::size_t largest, const char* meaning) {
  parser_->app.add_option(name, count, meaning)
      ->check(CLI::Range(smallest, largest))
      ->capture_default_str();
}

void command_line::add_size(const char* name, std::size_t& bytes, std::size_t smallest,
                            std::size_t largest, const char* meaning) {
  parser_->add_size(name, bytes, meaning)->check(CLI::Range(smallest, largest));
}

void command_line::add_size_or_zero(const char* name, std::size_t& bytes, std::size_t smallest,
                                    std::size_t largest, const char* meaning) {
  parser_->add_size(name, bytes, meaning)
      ->check(CLI::Range(smallest, largest) | CLI::IsMember({std::size_t{0}}));
}

void command_line::add_time(const char* name, std::chrono::milliseconds& time,
                            const char* meaning) {
  parser_->add_read(name, time, meaning, read_seconds)
      ->type_name("SECONDS")
      ->default_str(seconds_text(time));
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
  parser_->add_read(name, peer, meaning, read_peer)->type_name("HOST:PORT")->required();
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
