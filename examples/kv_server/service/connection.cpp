// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/kv_server/commands/support.hpp>
#include <examples/kv_server/service/connection.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace kv {
namespace {

exchange_limits limits_of(const server_options& options) {
  exchange_limits limits;
  limits.request.argument = options.bulk_limit;
  limits.request.buffer = options.query_buffer_limit;
  limits.output = options.output_buffer_limit;
  limits.pattern = options.max_pattern_length;
  return limits;
}

std::optional<std::chrono::nanoseconds> limit_of(std::chrono::seconds time) {
  if (time.count() == 0) return std::nullopt;
  return time;
}

// Such a line begins a browser's request, made by a page that wants to talk to us in its name.
bool speaks_http(std::string_view name) {
  return same_word(name, "post") || same_word(name, "host:");
}

}  // namespace

connection::connection(troupe::context self, server& home, troupe::io::tcp_stream stream,
                       std::shared_ptr<client_record> client)
    : self_(self),
      home_(home),
      stream_(std::move(stream)),
      client_(std::move(client)),
      session_(self, home, client_),
      exchange_(
          std::make_unique<exchange>(limits_of(home.options), client_->memory(),
                                     std::shared_ptr<begun_command>(client_, &client_->last()))) {
  stream_.write_timeout(limit_of(home.options.write_timeout));
  home.directory.send(joined{client_});
}

void connection::serve() {
  while (read_requests()) {
    const auto state = exchange_->in.parse();
    if (state == request_reader::state::too_large) return;
    exchange_->plan(home_.commands, home_.shards.size());
    execute();
    if (state == request_reader::state::protocol_error && !session_.closing()) {
      exchange_->out.error("ERR Protocol error: " + exchange_->in.error());
      session_.close();
    }
    if (!send_answers() || session_.closing()) return;
  }
}

// Until bytes have come. False: the client is gone, or was silent for too long.
bool connection::read_requests() {
  return session_.listens() ? wait_for_bytes_or_messages() : read_some();
}

bool connection::read_some() {
  auto& in = exchange_->in;
  stream_.read_timeout(silence_limit());
  std::error_code error;
  const auto count = stream_.read(std::as_writable_bytes(in.room()), error);
  if (error || count == 0) return false;
  in.commit(count);
  client_->received(count, home_.calendar.now());
  return true;
}

// How long the client may be silent now. A subscriber is never idle for too long, but it may not
// stop in the middle of a request.
std::optional<std::chrono::nanoseconds> connection::silence_limit() const {
  if (exchange_->in.within_request()) return limit_of(home_.options.request_timeout);
  return session_.subscriptions() == 0 ? limit_of(home_.options.idle_timeout) : std::nullopt;
}

// Messages that come meanwhile do not make the client any less silent: one deadline for all.
bool connection::wait_for_bytes_or_messages() {
  using clock = std::chrono::steady_clock;
  auto& in = exchange_->in;
  const auto limit = silence_limit();
  const auto deadline = clock::now() + limit.value_or(std::chrono::hours(24 * 365));
  for (;;) {
    // Neither trying to read nor input without answers ever waits: a client that never stops
    // sending would keep the worker, and its own messages and the server's stop would not be heard.
    self_.yield();
    session_.take_deliveries(exchange_->out);
    if (!send_answers()) return false;
    if (!notice_requested_) {
      std::error_code error;
      const auto count = stream_.try_read(std::as_writable_bytes(in.room()), error);
      if (!error && count != 0) {
        in.commit(count);
        client_->received(count, home_.calendar.now());
        return true;
      }
      if (error != std::errc::operation_would_block) return false;
      stream_.notify_readable(self_);
      notice_requested_ = true;
    }
    const bool came =
        self_.receive([&](const troupe::io::socket_ready&) { notice_requested_ = false; },
                      [&](const delivery& message) { session_.take(message, exchange_->out); },
                      troupe::after(std::max<clock::duration>(deadline - clock::now(), {})));
    const bool silent = !came || (notice_requested_ && clock::now() >= deadline);
    if (silent && limit) return false;
  }
}

void connection::execute() {
  using clock = std::chrono::steady_clock;
  auto next_look = clock::now() + between_looks;
  while (!exchange_->done() && !exchange_->failed() && !session_.closing()) {
    if (clock::now() >= next_look) {
      if (!client_stays()) return session_.close();
      next_look = clock::now() + between_looks;
    }
    execute_next();
    if (exchange_->out.size() >= exchange::send_at && !send_answers()) session_.close();
  }
  client_->executed(exchange_->planned());
  if (exchange_->done()) exchange_->clear();
}

// What is still to be executed may take hours: not for a client that has left. One that only says
// that it has sent everything is sent what there is, to find out.
bool connection::client_stays() {
  const auto found = look_for_peer(stream_.native_handle());
  return found != peer::gone && (found != peer::done_sending || send_answers());
}

void connection::execute_next() {
  const auto next = exchange_->next();
  if (session_.subscriptions() != 0 || next.executor == exchange::connection) {
    execute_here();
    exchange_->advance();
  } else if (next.executor == exchange::several_shards) {
    visit_shards();
  } else {
    hand_to(home_.shards[next.executor]);
  }
}

// What needs no keys, and all that is wrong.
void connection::execute_here() {
  const auto& next = exchange_->next();
  auto c = exchange_->begin_next();
  if (next.what == nullptr) {
    return speaks_http(c.arguments[0]) ? session_.close() : unknown_command(c);
  }
  if (!next.right_count) return wrong_number_of_arguments(c.out, next.what->name);
  execute(*next.what, c);
}

void connection::execute(const command& what, call& c) {
  const auto* const here = std::get_if<on_session>(&what.action);
  auto run = here != nullptr ? here->run : nullptr;
  auto name = what.name;
  if (!what.subcommands.empty() && c.arguments.size() > 1) {
    const auto* const chosen = what.find_subcommand(c.arguments[1]);
    if (chosen == nullptr) return unknown_subcommand(c, what.name);
    run = chosen->run;
    name = chosen->name;
    if (!accepts(chosen->arity, c.arguments.size())) return wrong_number_of_arguments(c.out, name);
  }
  if (session_.subscriptions() != 0 && (what.flags & flag::when_subscribed) == 0) {
    return c.out.error("ERR Can't execute '" + std::string(name) +
                       "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "
                       "allowed in this context");
  }
  run(session_, c);
}

void connection::visit_shards() {
  if (!exchange_->begin_visits()) return exchange_->advance();
  for (std::size_t i = 0; i < home_.shards.size() && !exchange_->failed(); ++i) {
    if (exchange_->concerns({i, home_.shards.size()})) hand_to(home_.shards[i]);
  }
  if (!exchange_->failed()) exchange_->end_visits();
}

void connection::hand_to(const shard_ref& shard) {
  exchange_ = self_.ask(shard, handover{std::move(exchange_)}).work;
}

// False: the client is gone, or does not read.
bool connection::send_answers() {
  constexpr std::size_t piece = 16 * 1024;  // for each of which the client has the time allowed
  if (exchange_->failed()) return false;    // what there is of its answers may be incomplete
  auto& out = exchange_->out;
  for (auto left = out.view(); !left.empty();) {
    const auto next = left.substr(0, piece);
    std::error_code error;
    stream_.write_all(next, error);
    if (error) return false;
    left.remove_prefix(next.size());
    client_->sent(next.size());
  }
  out.clear();
  return true;
}

void serve_client(troupe::context& self, server* home, troupe::io::tcp_stream stream,
                  std::shared_ptr<client_record> client, connection_slot /*slot*/) {
  try {
    connection(self, *home, std::move(stream), std::move(client)).serve();
  } catch (const std::exception&) {
    // Memory ran out, an answer became too large, a shard is no more: this client is disconnected,
    // the others do not notice.
  }
}

}  // namespace kv
