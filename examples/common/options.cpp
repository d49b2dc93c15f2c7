// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/options.hpp>

#include <CLI/CLI.hpp>

#include <cctype>
#include <charconv>
#include <string_view>

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

// The same for a port that is not below `smallest`: decimal digits.
std::string read_port(const std::string& text, std::uint16_t smallest, std::uint16_t& port) {
  std::uint16_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < smallest) {
    return "'" + text + "' is no port from " + std::to_string(smallest) + " to 65535";
  }
  port = number;
  return {};
}

// How many bytes K, KB, KiB and the like are, in small or capital letters; 0: it is none of them.
std::size_t bytes_of_unit(std::string unit) {
  unit.erase(0, unit.find_first_not_of(' '));
  for (char& each : unit) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view letters = "kmgt";
  const auto power = letters.find(unit.front());
  const auto rest = unit.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "b" && rest != "ib")) return 0;
  return std::size_t{1024} << (10 * power);
}

// The same for a number of bytes within bounds.
std::string read_size(const std::string& text, std::size_t smallest, std::size_t largest,
                      std::size_t& bytes) {
  std::size_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const auto unit = bytes_of_unit(std::string(stop, end));
  const bool fits = error == std::errc{} && unit != 0 && number <= largest / unit;
  if (!fits || number * unit < smallest) {
    return "'" + text + "' is no number of bytes from " + std::to_string(smallest) + " to " +
           std::to_string(largest) + ", such as 65536, 64K or 1M";
  }
  bytes = number * unit;
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
  if (auto problem = read_port(text.substr(colon + 1), 1, port); !problem.empty()) {
    return "'" + text + "': " + problem;
  }
  peer = {host, port};
  return {};
}

// An option whose text `read` takes; what it answers is what is wrong with that, or nothing.
template <class Read>
CLI::Option* add_checked(CLI::App& app, const char* name, const char* meaning, Read read) {
  return app.add_option_function<std::string>(
      name,
      [name, read](const std::string& text) {
        const auto problem = read(text);
        if (!problem.empty()) throw CLI::ValidationError(name, problem);
      },
      meaning);
}

}  // namespace

void add_workers(CLI::App& app, std::size_t& workers) {
  add_count(app, "--workers", workers, 0, 1024, "threads that run actors; 0: one for each core");
}

void add_service_options(CLI::App& app, service_options& options) {
  add_checked(app, "--port", "TCP port; 0: any that is free, which is printed",
              [&options](const std::string& text) { return read_port(text, 0, options.port); })
      ->type_name("PORT")
      ->default_str(std::to_string(options.port));
  app.add_option("--bind", options.address, "address to listen on")->capture_default_str();
  add_workers(app, options.workers);
  add_count(app, "--max-connections", options.max_connections, 1, 10'000'000,
            "connections at a time; others wait, or are turned away");
}

void add_time(CLI::App& app, const char* name, std::chrono::milliseconds& time,
              const char* meaning) {
  app.add_option_function<std::string>(
         name,
         [&time, name](const std::string& text) {
           const auto problem = read_seconds(text, time);
           if (!problem.empty()) throw CLI::ValidationError(name, problem);
         },
         meaning)
      ->type_name("SECONDS")
      ->default_str(seconds_text(time));
}

void add_size(CLI::App& app, const char* name, std::size_t& bytes, std::size_t smallest,
              std::size_t largest, const char* meaning) {
  const auto read = [&bytes, smallest, largest](const std::string& text) {
    return read_size(text, smallest, largest, bytes);
  };
  add_checked(app, name, meaning, read)->type_name("BYTES")->default_str(std::to_string(bytes));
}

void add_count(CLI::App& app, const char* name, std::size_t& count, std::size_t smallest,
               std::size_t largest, const char* meaning) {
  app.add_option(name, count, meaning)->check(CLI::Range(smallest, largest))->capture_default_str();
}

void add_peer(CLI::App& app, const char* name, peer_address& peer, const char* meaning) {
  app.add_option_function<std::string>(
         name,
         [&peer, name](const std::string& text) {
           const auto problem = read_peer(text, peer);
           if (!problem.empty()) throw CLI::ValidationError(name, problem);
         },
         meaning)
      ->type_name("HOST:PORT")
      ->required();
}

std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
}

}  // namespace examples
