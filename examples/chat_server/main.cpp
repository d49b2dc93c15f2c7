// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors

// A chat server for telnet and netcat: rooms, nicknames, private messages. Each client has two
// actors, a session that reads (session.cpp) and an outbox that writes (outbox.cpp); each room is
// an actor that passes on what is said (room.cpp), and a directory knows them all (directory.cpp).
#include <examples/chat_server/directory.hpp>
#include <examples/chat_server/session.hpp>
#include <examples/common/complaints.hpp>
#include <examples/common/run_service.hpp>

#include <memory>
#include <utility>

namespace {

namespace io = troupe::io;

void serve_client(troupe::context& self, io::tcp_stream stream, examples::connection_slot slot,
                  const std::shared_ptr<examples::complaints>& complaints,
                  const chat::directory_ref& home, const chat::chat_limits& limits) {
  auto client = std::make_shared<chat::connection>();
  client->complaints = complaints;
  client->stream = std::move(stream);
  client->slot = std::move(slot);
  chat::session(self, home, std::move(client), limits).run();
}

}  // namespace

int main(int argc, char** argv) {
  examples::service_options options;
  chat::chat_limits limits;
  std::size_t max_rooms = 1000;
  examples::command_line line("A chat server for telnet and netcat.", "chat_server");
  examples::add_service_options(line, options);
  line.add_count("--max-rooms", max_rooms, 1, 1'000'000, "rooms at a time");
  line.add_count("--max-line", limits.line_length, 16, 65'536, "bytes of a line");
  line.add_count("--max-waiting", limits.lines_waiting, 8, 1'000'000,
                 "lines that may wait for a client before it is dropped");
  line.add_size("--max-waiting-bytes", limits.bytes_waiting, 1024, 1'073'741'824,
                "bytes that may wait for a client before it is dropped");
  line.add_count("--max-rate", limits.lines_per_second, 1, 1'000'000,
                 "lines a second that are read from a client");
  line.add_time("--idle-timeout", limits.idle,
                "a client that says nothing is disconnected after that");
  line.add_time("--write-timeout", limits.write,
                "a client that does not read for so long is dropped");
  if (const auto code = line.parse(argc, argv)) return *code;
  return examples::run_service(
      "chat_server", options, 1, [&](troupe::system& system, io::tcp_listener listener) {
        const auto home = system.spawn<chat::directory>(
            troupe::spawn_options{.name = "directory",
                                  .mailbox = {.capacity = chat::requests_waiting,
                                              .when_full = troupe::overflow::suspend}},
            max_rooms);
        const auto complaints = std::make_shared<examples::complaints>("chat_server");
        examples::serve(system, std::move(listener),
                        {complaints, options.max_connections, "* too many are here already\n"},
                        serve_client, complaints, home, limits);
      });
}
