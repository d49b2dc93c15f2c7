// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <examples/running_service.hpp>
#include <examples/stream_client.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace troupe::test;

class chatter : public stream_client {
 public:
  explicit chatter(const running_service& server)
      : stream_client(stream_client::tcp(server.port())) {}
  chatter(const running_service& server, const std::string& nickname, const std::string& room)
      : chatter(server) {
    say("/nick " + nickname);
    wait_for("* you are now " + nickname);
    say("/join " + room);
    wait_for("* " + nickname + " is here, in " + room);
  }

  void say(const std::string& text) { send(text + "\n"); }
  // Skips what comes before.
  void wait_for(const std::string& text) { read_until(text + "\n"); }
};

TEST(ChatServer, PassesOnWhatIsSaidToAllInTheRoomAndNobodyElse) {
  running_service server(CHAT_SERVER_PROGRAM);
  chatter ada(server, "ada", "tea");
  chatter bob(server, "bob", "tea");
  ada.wait_for("* bob is here, in tea");
  chatter eve(server, "eve", "coffee");
  ada.say("hello");
  for (auto* const each : {&ada, &bob}) each->wait_for("ada: hello");
  bob.say("/who");
  EXPECT_EQ(bob.read_until("\n").find("* here: "), 0U);
  bob.say("/rooms");
  bob.wait_for("* rooms: coffee tea");
  eve.say("/msg ada psst");
  ada.wait_for("[eve to you] psst");
  eve.say("/msg nobody psst");
  EXPECT_EQ(eve.read_until("\n"), "* there is no nobody\n");
  bob.say("/nick robert");
  ada.wait_for("* bob is now robert");
  bob.say("/quit");
  ada.wait_for("* robert has gone");
  ada.say("/leave");
  eve.say("/join tea");
  eve.wait_for("* eve is here, in tea");
  eve.say("/rooms");
  eve.wait_for("* rooms: tea");
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "chat_server: stopped\n");
}

TEST(ChatServer, KeepsNicknamesApart) {
  running_service server(CHAT_SERVER_PROGRAM);
  chatter ada(server, "ada", "tea");
  chatter other(server);
  other.say("/nick ada");
  other.wait_for("* ada is taken");
  other.say("/nick two words");
  other.wait_for("* a nickname has up to 24 letters, digits, '-' and '_'");
  ada.reset();
  // Free again as soon as the server has noticed.
  EXPECT_TRUE(eventually([&] {
    other.say("/nick ada");
    return other.read_until("\n") == "* you are now ada\n";
  }));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  EXPECT_EQ(server.output(), "chat_server: stopped\n");
}

TEST(ChatServer, ManyTalkToMany) {
  running_service server(CHAT_SERVER_PROGRAM);
  constexpr int people = 10;
  constexpr int lines = 20;
  std::vector<chatter> all;
  for (int i = 0; i < people; ++i)
    all.emplace_back(server, std::string(1, static_cast<char>('a' + i)), "hall");
  for (int k = 0; k < lines; ++k) {
    for (auto& each : all) each.say("line " + std::to_string(k));
  }
  // Everybody sees the lines of each one in the order in which they were said.
  for (auto& each : all) {
    std::vector<int> next(people, 0);
    for (int total = 0; total < people * lines;) {
      const auto text = each.read_until("\n");
      const auto at = text.find(": line ");
      if (at == std::string::npos) continue;
      const auto who = static_cast<std::size_t>(text[0] - 'a');
      EXPECT_EQ(std::stoi(text.substr(at + 7)), next[who]++);
      ++total;
    }
  }
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(ChatServer, DropsASlowReaderWithANotice) {
  running_service server(CHAT_SERVER_PROGRAM,
                         {"--max-waiting", "8", "--max-rate", "1000000", "--max-line", "65536"});
  chatter slow(server, "slow", "hall");
  chatter loud(server, "loud", "hall");
  const std::string text(60'000, 'x');
  // The loud one reads what comes, so that it is not too slow itself.
  for (bool dropped = false; !dropped;) {
    loud.say(text);
    for (std::string heard; heard != "loud: " + text + "\n" && !dropped;) {
      heard = loud.read_until("\n");
      dropped = heard == "* slow was dropped: reads too slowly\n";
    }
  }
  const auto heard = slow.read_to_end();
  EXPECT_TRUE(heard.ends_with("\n* you read too slowly, and were dropped\n"));
  EXPECT_EQ(server.stop(SIGTERM), 0);
  const auto said = server.output();
  EXPECT_NE(said.find("chat_server: a connection was given up: it reads too slowly"),
            std::string::npos)
      << said;
}

TEST(ChatServer, HoldsItsLimits) {
  running_service server(CHAT_SERVER_PROGRAM, {"--max-line", "100", "--max-rooms", "1",
                                               "--max-connections", "3", "--idle-timeout", "2"});
  chatter ada(server, "ada", "tea");
  chatter bob(server, "bob", "tea");
  bob.say("/join other");
  bob.wait_for("* there are too many rooms");
  chatter loud(server);
  EXPECT_EQ(chatter(server).read_to_end(), "* too many are here already\n");
  loud.say(std::string(101, 'x'));
  EXPECT_NE(loud.read_to_end().find("* a line has 100 bytes at most\n"), std::string::npos);
  EXPECT_NE(bob.read_to_end().find("* you were silent for too long\n"), std::string::npos);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(ChatServer, KeepsTerminalCommandsFromOthers) {
  running_service server(CHAT_SERVER_PROGRAM);
  chatter ada(server, "ada", "tea");
  chatter bob(server, "bob", "tea");
  bob.send("a\x1b[2Jb\a\tc\r\n");
  ada.wait_for("bob: a[2Jbc");
  bob.say("caf\u00e9\u009bJ\x9bJ");
  EXPECT_EQ(ada.read_until("\n"), "bob: caf\u00e9JJ\n");
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(ChatServer, ReadsAFloodNoFasterThanAllowed) {
  running_service server(CHAT_SERVER_PROGRAM, {"--max-rate", "10"});
  chatter flood(server, "flood", "hall");
  std::string lines;
  for (int i = 0; i < 25; ++i) lines += "line\n";
  const auto start = std::chrono::steady_clock::now();
  flood.send(lines + "last\n");
  flood.wait_for("flood: last");
  // Ten a second, of which a second's worth may come at once.
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1500ms);
  EXPECT_EQ(server.stop(SIGTERM), 0);
}

}  // namespace
