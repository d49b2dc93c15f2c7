// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/chat_server/directory.hpp>
#include <examples/chat_server/room.hpp>
#include <support/eventually.hpp>
#include <io/in_actor.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::test;

constexpr std::size_t no_bound = std::size_t{1} << 30;

// A client whose outbox takes nothing.
chat::member silent(troupe::system& sys, const std::string& nickname, std::size_t most_lines,
                    std::size_t most_bytes = no_bound) {
  const auto outbox = sys.spawn<void(chat::line)>(
      troupe::spawn_options{
          .stack_size = 32768,
          .mailbox = {.capacity = most_lines, .when_full = troupe::overflow::fail}},
      [](troupe::context& self) { self.sleep_for(1h); });  // a receive() would empty the mailbox
  return {outbox, nickname, std::make_shared<chat::backlog>(most_bytes)};
}

void fill(const chat::member& client) {
  const auto what = chat::make_line("x");
  while (chat::offer(client, what)) {
  }
}

TEST(ChatRoom, DropsHundredsOfSilentMembersAtOnceAndTellsTheOthersInAFewLines) {
  // Nothing here may need more stack the more members there are.
  troupe::system sys({.workers = 1, .stack_size = 65536});
  constexpr std::size_t count = 500;
  const auto hall = sys.spawn<chat::room>("hall");
  std::vector<chat::member> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(silent(sys, "silent" + std::to_string(i), count + 10));
    sys.ask(hall, chat::admit{all.back()});
  }
  for (const auto& each : all) fill(each);
  in_actor(sys, [&](troupe::context& self) {
    const chat::member reader{self.ref().as<chat::outbox_ref>(), "reader",
                              std::make_shared<chat::backlog>(no_bound)};
    self.ask(hall, chat::admit{reader});
    self.ask(hall, chat::say{reader.outbox, "hello"});
    EXPECT_EQ(self.ask(hall, chat::list_members{}), "reader");
    std::vector<std::string> heard;
    while (self.receive([&](const chat::line& what) { heard.push_back(*what.text); },
                        troupe::after(0ns))) {
    }
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_EQ(heard[0], "* reader is here, in hall\n");
    EXPECT_NE(heard[1].find(" was dropped: reads too slowly\n"), std::string::npos);
    EXPECT_TRUE(heard[1].ends_with("* 492 more were dropped\n")) << heard[1];
    EXPECT_EQ(heard[2], "reader: hello\n");
  });
  for (const auto& each : all) EXPECT_TRUE(each.waiting->too_slow.load());
  EXPECT_TRUE(eventually([&] { return !all.front().outbox.alive(); }));
  hall.kill();
  sys.await_actors();
}

TEST(ChatOutbox, HasABoundOfBytesBesideThatOfLines) {
  troupe::system sys({.workers = 1});
  const auto client = silent(sys, "silent", 1000, 100);
  const auto half = chat::make_line(std::string(59, 'x'));
  EXPECT_TRUE(chat::offer(client, half));
  EXPECT_FALSE(chat::offer(client, half));
  EXPECT_TRUE(chat::offer(client, chat::make_line(std::string(39, 'x'))));
  EXPECT_FALSE(chat::offer(client, chat::make_line("")));
  EXPECT_EQ(client.waiting->bytes.load(), 100U);
  const auto other = silent(sys, "other", 1000, 100);
  EXPECT_TRUE(chat::offer(other, chat::make_line(std::string(1000, 'x'))));  // nothing waits
  EXPECT_FALSE(chat::offer(other, half));
  client.outbox.kill();
  other.outbox.kill();
  sys.await_actors();
}

TEST(ChatDirectory, KeepsAnswersShortHoweverManyRoomsThereAre) {
  troupe::system sys({.workers = 1});
  const auto home = sys.spawn<chat::directory>(std::size_t{1000});
  std::vector<chat::member> all;
  for (int i = 100; i < 400; ++i) {
    all.push_back(silent(sys, "", 10));
    static_cast<void>(sys.ask(home, chat::arrive{all.back()}));
    const auto name = "a-room-of-a-longer-name" + std::to_string(i);
    EXPECT_TRUE(sys.ask(home, chat::enter{all.back().outbox, name}).has_value());
  }
  const auto names = sys.ask(home, chat::list_rooms{});
  EXPECT_LT(names.size(), 1100U);
  EXPECT_TRUE(names.starts_with("a-room-of-a-longer-name100 a-room-of-a-longer-name101 "));
  EXPECT_TRUE(names.ends_with(" more")) << names;
  for (const auto& each : all) each.outbox.kill();
  EXPECT_TRUE(eventually([&] { return sys.ask(home, chat::list_rooms{}).empty(); }));
  home.kill();
  sys.await_actors();
}

TEST(ChatDirectory, EndsARoomWithTheLastClientForWhichItIsKept) {
  troupe::system sys({.workers = 1});
  const auto home = sys.spawn<chat::directory>(std::size_t{1});
  const auto arrive = [&] {
    auto client = silent(sys, "", 10);
    static_cast<void>(sys.ask(home, chat::arrive{client}));
    return client;
  };
  const auto stays = arrive();
  const auto goes = arrive();
  const auto tea = sys.ask(home, chat::enter{stays.outbox, "tea"});
  ASSERT_TRUE(tea.has_value());
  EXPECT_EQ(sys.ask(home, chat::enter{goes.outbox, "tea"}), tea);
  EXPECT_FALSE(sys.ask(home, chat::enter{arrive().outbox, "coffee"}).has_value());
  goes.outbox.kill();  // on the way: the room has never heard of it
  sys.ask(home, chat::left{stays.outbox});
  EXPECT_TRUE(eventually([&] { return sys.ask(home, chat::list_rooms{}).empty(); }));
  EXPECT_TRUE(eventually([&] { return !tea->alive(); }));
  EXPECT_FALSE(sys.ask(home, chat::enter{goes.outbox, "tea"}).has_value());  // has gone
  EXPECT_EQ(sys.ask(home, chat::list_rooms{}), "");
  static_cast<void>(sys.shutdown(1min));
}

}  // namespace
