// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/common/options.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <limits>
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

void add_workers(CLI::App& app, std::size_t& workers) {
  add_count(app, "--workers", workers, 0, 1024, "threads that run actors; 0: one for each core");
}

void add_service_options(CLI::App& app, service_options& options) {
  app.add_option("--port", options.port, "TCP port; 0: any that is free, which is printed")
      ->capture_default_str();
  app.add_option("--bind", options.address, "address to listen on")->capture_default_str();
  add_workers(app, options.workers);
  add_count(app, "--max-connections", options.max_connections, 1, 10'000'000,
            "connections at a time; others are turned away");
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
  app.add_option(name, bytes, meaning)
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(smallest, largest))
      ->capture_default_str();
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
