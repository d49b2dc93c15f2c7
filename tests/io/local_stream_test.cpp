// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/scratch_directory.hpp>
#include <io/connection.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::in_actor;
using test::scratch_directory;

std::string read_text(io::stream& stream) {
  std::string text(64, '\0');
  text.resize(stream.read(std::as_writable_bytes(std::span(text))));
  return text;
}

/// The call fails with that error, and says for which path.
void expect_error(const std::function<void()>& call, std::error_condition code,
                  const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "no exception for " << text;
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
  }
}

TEST(LocalStream, ConnectsByPath) {
  troupe::system sys({.workers = 2});
  const scratch_directory directory;
  auto listener = io::local_listener::bind(directory / "service");
  EXPECT_EQ(listener.path(), directory / "service");
  static_cast<void>(sys.spawn([&](context&) {
    auto server = listener.accept();
    server.write_all("you said " + read_text(server));
  }));
  in_actor(sys, [&](context&) {
    auto client = io::local_stream::connect(directory / "service");
    client.write_all("hello");
    std::string got;
    for (std::string more = read_text(client); !more.empty(); more = read_text(client)) got += more;
    EXPECT_EQ(got, "you said hello");
  });
  sys.await_actors();
}

TEST(LocalStream, ComesInPairs) {
  troupe::system sys({.workers = 1});
  auto both = io::local_stream::make_pair();
  in_actor(sys, [&](context&) {
    both.first.write_all("one");
    EXPECT_EQ(read_text(both.second), "one");
    both.second.write_all("two");
    both.second.shutdown();
    EXPECT_EQ(read_text(both.first), "two");
    EXPECT_EQ(read_text(both.first), "");
    both.second.close();
    EXPECT_EQ(error_of([&](auto& error) { both.first.write_all("x", error); }),
              std::errc::broken_pipe);
  });
}

/// Sends text with a descriptor, behind which a read stops.
void send_with_descriptor(int to, std::string text) {
  iovec data{text.data(), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &to, sizeof to);
  ASSERT_EQ(::sendmsg(to, &message, MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

TEST(LocalStream, ReadsOnBehindADescriptorThatNobodyTakes) {
  troupe::system sys({.workers = 1});
  auto both = io::local_stream::make_pair();
  io::stream& reader = both.second;
  in_actor(sys, [&](context& self) {
    reader.read_timeout(10s);
    static_cast<void>(self.spawn([&](context&) { both.first.write_all("x"); }));
    EXPECT_EQ(read_text(reader), "x");  // waits: from here on the socket is watched
    send_with_descriptor(both.first.native_handle(), "one");
    both.first.write_all("two");
    self.sleep_for(20ms);  // both have been reported, as one
    EXPECT_EQ(read_text(reader), "one");
    EXPECT_EQ(read_text(reader), "two");
  });
}

TEST(LocalStream, ErrorsNameThePath) {
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  const std::string long_path = directory / std::string(120, 'l');
  const auto listener = io::local_listener::bind(directory / "taken");
  std::ofstream(directory / "file") << "no socket";
  const auto bind = [](const std::string& path) {
    return [path] { static_cast<void>(io::local_listener::bind(path)); };
  };
  expect_error(bind(directory / "taken"), std::errc::address_in_use, directory / "taken");
  expect_error(bind(directory / "file"), std::errc::address_in_use, directory / "file");
  expect_error(bind(directory / "none/x"), std::errc::no_such_file_or_directory, "none/x");
  expect_error(bind(long_path), std::errc::filename_too_long, long_path);
  expect_error(bind(long_path), std::errc::filename_too_long, "at most 107");
  expect_error(bind(""), std::errc::invalid_argument, "\"\"");
  expect_error(bind(std::string("cut\0off", 7)), std::errc::invalid_argument, "cut(zero byte)off");
  EXPECT_THROW(static_cast<void>(io::local_listener::bind(directory / "b", {.backlog = 0})),
               std::invalid_argument);
  in_actor(sys, [&](context&) {
    const auto connect = [](const std::string& path) {
      return [path] { static_cast<void>(io::local_stream::connect(path)); };
    };
    expect_error(connect(directory / "none"), std::errc::no_such_file_or_directory, "none");
    expect_error(connect(directory / "file"), std::errc::connection_refused, "file");
    expect_error(connect(long_path), std::errc::filename_too_long, long_path);
  });
}

TEST(LocalStream, PermissionsAreTheFilesOwn) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is denied to root";
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  const auto listener = io::local_listener::bind(directory / "private");
  std::filesystem::permissions(directory / "private", std::filesystem::perms::none);
  in_actor(sys, [&](context&) {
    expect_error([&] { static_cast<void>(io::local_stream::connect(directory / "private")); },
                 std::errc::permission_denied, "private");
  });
}

TEST(LocalStream, WaitsWhileTheBacklogIsFull) {
  troupe::system sys({.workers = 1});
  const scratch_directory directory;
  auto listener = io::local_listener::bind(directory / "busy", {.backlog = 1});
  in_actor(sys, [&](context& self) {
    std::vector<io::local_stream> clients;
    std::error_code error;
    clients.push_back(io::local_stream::connect(listener.path(), 0ns, error));
    EXPECT_FALSE(error);  // had not to wait
    while (!error) clients.push_back(io::local_stream::connect(listener.path(), 10ms, error));
    EXPECT_EQ(error, errc::timeout);
    EXPECT_FALSE(io::local_stream::connect(listener.path(), -1ns, error));
    EXPECT_EQ(error, errc::timeout);
    const auto waiting = self.spawn(
        [&](context&) { io::local_stream::connect(listener.path()).write_all("at last"); });
    self.monitor(waiting);
    EXPECT_FALSE(self.receive([](const down&) {}, after(10ms)));
    for (std::size_t i = 0; i + 1 < clients.size(); ++i) static_cast<void>(listener.accept());
    EXPECT_EQ(read_text(*std::make_unique<io::local_stream>(listener.accept())), "at last");
    EXPECT_TRUE(self.receive([](const down&) {}, after(1min)));
  });
}

TEST(LocalListener, RemovesItsFileButNoOther) {
  const scratch_directory directory;
  const std::string path = directory / "service";
  auto first = io::local_listener::bind(path);
  EXPECT_TRUE(std::filesystem::exists(path));
  first.close();
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    auto second = io::local_listener::bind(path);
    auto moved = std::move(second);
    EXPECT_TRUE(std::filesystem::exists(path));
    std::filesystem::remove(path);
    auto third = io::local_listener::bind(path);
    moved = {};
    EXPECT_TRUE(std::filesystem::exists(path));  // the third's
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(LocalListener, TakesAStalePathWhenAskedTo) {
  const scratch_directory directory;
  const std::string path = directory / "service";
  std::filesystem::path aside = directory / "aside";
  {
    const auto crashed = io::local_listener::bind(path);
    std::filesystem::rename(path, aside);  // so that it cannot remove it
  }
  std::filesystem::rename(aside, path);
  EXPECT_THROW(static_cast<void>(io::local_listener::bind(path)), std::system_error);
  const auto listener = io::local_listener::bind(path, {.remove_stale = true});
  EXPECT_TRUE(listener.is_open());
  EXPECT_THROW(static_cast<void>(io::local_listener::bind(path, {.remove_stale = true})),
               std::system_error);  // somebody listens
  const std::string file = directory / "file";
  std::ofstream(file) << "precious";
  EXPECT_THROW(static_cast<void>(io::local_listener::bind(file, {.remove_stale = true})),
               std::system_error);
  EXPECT_TRUE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace troupe
