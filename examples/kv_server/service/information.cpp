// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <malloc.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <examples/kv_server/data/numbers.hpp>
#include <examples/kv_server/service/information.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>

namespace kv {
namespace {

class section {
 public:
  explicit section(std::string_view title) { text_.append("# ").append(title).append("\r\n"); }

  section& field(std::string_view name, std::string_view value) {
    text_.append(name).append(":").append(value).append("\r\n");
    return *this;
  }
  section& field(std::string_view name, std::uint64_t value) {
    return field(name, std::to_string(value));
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string human(std::uint64_t bytes) {
  constexpr std::array units{"B", "K", "M", "G", "T"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < units.size(); ++unit) number /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f%s", number, units[unit]);
  return text.data();
}

std::uint64_t resident_bytes() {
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t allocated_bytes() {
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

shard_statistics all_keys(session& client) {
  shard_statistics sum;
  for (const auto& shard : client.home().shards) {
    const auto one = client.ask(shard, get_shard_statistics{});
    sum.keys += one.keys;
    sum.expiring += one.expiring;
    sum.counters.hits += one.counters.hits;
    sum.counters.misses += one.counters.misses;
    sum.counters.expired += one.counters.expired;
  }
  return sum;
}

std::string server_section(session& client) {
  const auto& home = client.home();
  const auto seconds = static_cast<std::uint64_t>(home.calendar.now() - home.started) / 1000;
  utsname system{};
  ::uname(&system);
  return section("Server")
      .field("server_name", "troupe-kv_server")
      .field("troupe_version", troupe::library_version())
      .field("redis_version", redis_version)
      .field("redis_mode", "standalone")
      .field("os", std::string(system.sysname) + " " + system.release + " " + system.machine)
      .field("arch_bits", 8 * sizeof(void*))
      .field("process_id", static_cast<std::uint64_t>(::getpid()))
      .field("tcp_port", home.options.port)
      .field("workers", home.workers)
      .field("shards", home.shards.size())
      .field("uptime_in_seconds", seconds)
      .field("uptime_in_days", seconds / (24 * 3600))
      .text();
}

std::string clients_section(session& client) {
  const auto clients = client.ask(client.home().directory, get_client_statistics{});
  return section("Clients")
      .field("connected_clients", clients.connected)
      .field("maxclients", client.home().options.max_clients)
      .text();
}

std::string memory_section(session& client) {
  const auto used = allocated_bytes();
  const auto resident = resident_bytes();
  return section("Memory")
      .field("used_memory", used)
      .field("used_memory_human", human(used))
      .field("used_memory_rss", resident)
      .field("used_memory_rss_human", human(resident))
      .field("mem_clients_normal", client.home().memory.held())
      .field("maxmemory", 0)
      .field("maxmemory_policy", "noeviction")
      .text();
}

std::string stats_section(session& client) {
  const auto clients = client.ask(client.home().directory, get_client_statistics{});
  const auto topics = client.ask(client.home().broker, get_broker_statistics{});
  const auto keys = all_keys(client);
  return section("Stats")
      .field("total_connections_received", clients.accepted)
      .field("total_commands_processed", clients.traffic.commands)
      .field("total_net_input_bytes", clients.traffic.bytes_in)
      .field("total_net_output_bytes", clients.traffic.bytes_out)
      .field("total_writes_processed", clients.traffic.writes)
      .field("evicted_clients", clients.evicted)
      .field("expired_keys", keys.counters.expired)
      .field("keyspace_hits", keys.counters.hits)
      .field("keyspace_misses", keys.counters.misses)
      .field("pubsub_channels", topics.channels)
      .field("pubsub_patterns", topics.patterns)
      .text();
}

// What it took to keep clients from holding each other up.
std::string preemption_section(session& client) {
  const auto counted = client.preemption();
  return section("Preemption")
      .field("preemptions", counted.preemptions)
      .field("preemption_deferrals", counted.deferrals)
      .field("preemption_unbinds", counted.unbinds)
      .field("preemption_rescues", counted.rescues)
      .field("preemption_left_running", counted.left_running)
      .field("carriers_bound", counted.carriers.bound)
      .field("carriers_spare", counted.carriers.spare)
      .field("carriers_frozen", counted.carriers.frozen)
      .field("carriers_unbound", counted.carriers.unbound)
      .text();
}

std::string keyspace_section(session& client) {
  const auto keys = all_keys(client);
  section result("Keyspace");
  if (keys.keys != 0) {
    result.field("db0", "keys=" + std::to_string(keys.keys) +
                            ",expires=" + std::to_string(keys.expiring) + ",avg_ttl=0");
  }
  return result.text();
}

struct named_section {
  std::string_view name;
  std::string (*write)(session&);
};

constexpr std::array sections{
    named_section{"server", server_section},         named_section{"clients", clients_section},
    named_section{"memory", memory_section},         named_section{"stats", stats_section},
    named_section{"preemption", preemption_section}, named_section{"keyspace", keyspace_section},
};

}  // namespace

std::string information(session& client, std::span<const std::string_view> names) {
  const auto wanted = [&](std::string_view section) {
    return names.empty() || std::any_of(names.begin(), names.end(), [&](std::string_view name) {
             return same_word(name, section) || same_word(name, "default") ||
                    same_word(name, "all") || same_word(name, "everything");
           });
  };
  std::string result;
  for (const auto& each : sections) {
    if (!wanted(each.name)) continue;
    if (!result.empty()) result += "\r\n";
    result += each.write(client);
  }
  return result;
}

}  // namespace kv
