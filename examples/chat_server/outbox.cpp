// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/outbox.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace chat {
namespace {

using namespace std::chrono_literals;

// What happens at the end of an outbox, also when it is asked to end in the middle of a write. A
// destructor that runs because of that may wait.
class farewell {
 public:
  farewell(connection& client, troupe::any_ref session) : client_(client), session_(session) {}
  farewell(const farewell&) = delete;
  farewell& operator=(const farewell&) = delete;
  ~farewell() {
    if (client_.waiting->too_slow.load(std::memory_order_relaxed)) {
      client_.complaints->say("it reads too slowly");
      try {
        // It may come out when the client reads at last. Where the line before was cut off nobody
        // knows: a line end makes sure.
        std::error_code ignored;
        client_.stream.write_timeout(2s);
        client_.stream.write_all("\n* you read too slowly, and were dropped\n", ignored);
      } catch (...) {  // asked to end, once more: without a word, then
      }
    }
    session_.kill();
  }

 private:
  connection& client_;
  troupe::any_ref session_;
};

void write_lines(troupe::context& self, const std::shared_ptr<connection>& client,
                 troupe::any_ref session, std::chrono::milliseconds write_timeout) {
  constexpr std::size_t batch_size = std::size_t{16} * 1024;
  constexpr std::size_t last_batch_size = std::size_t{1024} * 1024;  // all that can wait, usually
  const farewell at_end(*client, session);
  client->stream.write_timeout(write_timeout);
  self.monitor(session);
  std::string batch;
  bool session_lives = true;
  const auto take_line = [&](const line& message) {
    batch += *message.text;
    client->waiting->bytes.fetch_sub(message.text->size(), std::memory_order_relaxed);
  };
  const auto take_end = [&](const troupe::down& /*message*/) { session_lives = false; };
  while (session_lives) {
    self.receive(take_line, take_end);
    const auto most = session_lives ? batch_size : last_batch_size;
    while (batch.size() < most && self.receive(take_line, troupe::after(0ns))) {
    }
    std::error_code error;
    client->stream.write_all(batch, error);
    if (error == troupe::errc::timeout) {
      client->waiting->too_slow.store(true, std::memory_order_relaxed);
    } else if (error && !examples::is_mere_end(error)) {
      client->complaints->say(std::system_error(error, "write").what());
    }
    if (error) return;
    batch.clear();
  }
}

}  // namespace

outbox_ref spawn_outbox(troupe::context& session, std::shared_ptr<connection> client,
                        std::size_t most_lines, std::chrono::milliseconds write_timeout) {
  return session.spawn<void(line)>(
      troupe::spawn_options{
          .name = "outbox",
          .mailbox = {.capacity = most_lines, .when_full = troupe::overflow::fail}},
      [client = std::move(client), session_ref = session.ref(), write_timeout](
          troupe::context& self) { write_lines(self, client, session_ref, write_timeout); });
}

}  // namespace chat
