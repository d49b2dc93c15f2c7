// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/session.hpp>

#include <examples/chat_server/printable.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

namespace chat {
namespace {

constexpr std::size_t longest_name = 24;

constexpr std::string_view help =
    "* /nick NAME, /join ROOM, /leave, /who, /rooms, /msg NAME TEXT, /quit; all else is said in "
    "the room";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_name &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

// The first word of a text, which is removed from there.
std::string_view take_word(std::string_view& text) {
  const auto end = text.find(' ');
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

}  // namespace

session::session(troupe::context self, directory_ref home, std::shared_ptr<connection> client,
                 const chat_limits& limits)
    : self_(self), home_(home), client_(std::move(client)), limits_(limits) {
  client_->waiting = std::make_shared<backlog>(limits.bytes_waiting);
  me_.waiting = client_->waiting;
  me_.outbox = spawn_outbox(self_, client_, limits.lines_waiting, limits.write);
}

void session::run() {
  me_.nickname = self_.ask(home_, arrive{me_});
  tell("* welcome, " + me_.nickname);
  tell(help);
  client_->stream.read_timeout(limits_.idle);
  std::string buffer;
  for (bool going_on = true; going_on;) {
    std::error_code error;
    const auto length = client_->stream.read_until(buffer, "\n", limits_.line_length + 1, error);
    if (error == troupe::errc::too_long) {
      return tell("* a line has " + std::to_string(limits_.line_length) + " bytes at most");
    }
    if (error == troupe::errc::timeout) return tell("* you were silent for too long");
    if (error) throw std::system_error(error, "read");
    going_on = handle(printable(std::string_view(buffer).substr(0, length)));
    buffer.erase(0, length);
    keep_pace();
  }
}

// False: the client wants to go.
bool session::handle(std::string_view text) {
  if (text.empty()) return true;
  if (text == "/quit") return false;
  if (text.front() == '/') {
    const auto name = take_word(text);
    command(name, text);
  } else if (room_) {
    self_.ask(*room_, say{me_.outbox, std::string(text)});
  } else {
    tell("* you are in no room: /join ROOM");
  }
  return true;
}

void session::command(std::string_view name, std::string_view rest) {
  if (name == "/nick") return nick(rest);
  if (name == "/join") return join(rest);
  if (name == "/leave") return leave_room();
  if (name == "/who") return list_present();
  if (name == "/rooms") return tell("* rooms: " + self_.ask(home_, list_rooms{}));
  if (name == "/msg") return whisper(rest);
  tell(help);
}

void session::nick(std::string_view nickname) {
  if (!is_name(nickname)) {
    return tell("* a nickname has up to 24 letters, digits, '-' and '_'");
  }
  const std::string wanted(nickname);
  if (!self_.ask(home_, rename{me_.outbox, wanted})) return tell("* " + wanted + " is taken");
  me_.nickname = wanted;
  if (room_) {
    self_.ask(*room_, renamed{me_.outbox, wanted});
  } else {
    tell("* you are now " + wanted);
  }
}

void session::join(std::string_view room) {
  if (!is_name(room)) return tell("* a room's name has up to 24 letters, digits, '-' and '_'");
  leave_room();
  room_ = self_.ask(home_, enter{me_.outbox, std::string(room)});
  if (!room_) return tell("* there are too many rooms");
  self_.ask(*room_, admit{me_});
}

void session::leave_room() {
  if (!room_) return;
  self_.ask(*room_, leave{me_.outbox});
  room_.reset();
  self_.ask(home_, left{me_.outbox});
}

void session::list_present() {
  if (!room_) return tell("* you are in no room: /join ROOM");
  tell("* here: " + self_.ask(*room_, list_members{}));
}

void session::whisper(std::string_view rest) {
  const std::string nickname(take_word(rest));
  const auto found = self_.ask(home_, find_member{nickname});
  if (!found) return tell("* there is no " + nickname);
  const auto text = "[" + me_.nickname + " to you] " + std::string(rest);
  if (!offer(*found, make_line(text))) tell("* too much waits for " + nickname + " already");
}

// A client that asks for more than it reads is dropped like any other slow reader.
void session::tell(std::string_view text) {
  if (offer(me_, make_line(text))) return;
  me_.waiting->too_slow.store(true, std::memory_order_relaxed);
  me_.outbox.kill();
}

// Who sends lines faster than allowed is not read for a while: a second's worth of lines may come
// at once.
void session::keep_pace() {
  const auto pace = clock::duration(std::chrono::seconds(1)) /
                    static_cast<std::int64_t>(limits_.lines_per_second);
  const auto now = clock::now();
  next_line_ = std::max(next_line_, now - std::chrono::seconds(1)) + pace;
  if (next_line_ > now) self_.sleep_for(next_line_ - now);
}

}  // namespace chat
