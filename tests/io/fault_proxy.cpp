// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/fault_proxy.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>

namespace troupe::test {

struct fault_proxy::tunnel {
  tunnel(peer accepted, peer connected)
      : client(std::move(accepted)), server(std::move(connected)) {}

  // Wakes those who read, and those who write look at it now and then. Nothing is sent: how the
  // connection ends is decided when nobody uses it any more.
  void end() {
    ended = true;
    const std::scoped_lock hold(closing);
    for (const peer* each : {&client, &server}) ::shutdown(each->descriptor(), SHUT_RD);
  }

  peer client;
  peer server;
  std::atomic<bool> ended{false};
  std::mutex closing;
  std::thread thread;
};

fault_proxy::fault_proxy(std::uint16_t target, const faults& how)
    : target_(target), how_(how), accepting_([this] { accept_all(); }) {}

fault_proxy::~fault_proxy() {
  stops_ = true;
  try {
    const peer waker = peer::connect_to(port());
    accepting_.join();
  } catch (const std::exception&) {
    std::terminate();  // the thread would wait for ever
  }
  for (const auto& each : tunnels_) {
    each->end();
    each->thread.join();
  }
}

void fault_proxy::accept_all() {
  for (std::uint64_t number = 0;; ++number) {
    peer client = listener_.accept();
    if (stops_) return;
    try {
      tunnels_.push_back(std::make_unique<tunnel>(std::move(client), peer::connect_to(target_)));
    } catch (const std::system_error&) {  // the target is gone: so is the client
      continue;
    }
    auto& both = *tunnels_.back();
    both.thread = std::thread([this, &both, number] { run(both, number); });
  }
}

void fault_proxy::run(tunnel& both, std::uint64_t number) {
  std::thread back([&] { pump(both, both.server, both.client, 2 * number + 1); });
  pump(both, both.client, both.server, 2 * number);
  back.join();
  const std::scoped_lock hold(both.closing);
  if (both.ended && number % 2 == 0) {
    both.client.reset();
    both.server.reset();
  } else {
    both.client.close();
    both.server.close();
  }
}

void fault_proxy::pump(tunnel& both, peer& from, peer& to, std::uint64_t stream) {
  random_choices random(stream);
  const timeval patience{0, 50'000};
  ::setsockopt(to.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const std::uint64_t end = how_.cut_within == 0 ? UINT64_MAX : random.up_to(how_.cut_within);
  std::array<char, 65536> room;
  for (std::uint64_t passed = 0; passed < end;) {
    const auto most = 1 + random.up_to(std::min(how_.largest_piece, room.size()) - 1);
    const auto got = ::recv(from.descriptor(), room.data(), most, 0);
    if (both.ended) return;
    if (got == 0) {
      ::shutdown(to.descriptor(), SHUT_WR);
      return;
    }
    if (random.one_in(8)) {
      const auto delay = random.up_to(static_cast<std::uint64_t>(how_.longest_delay.count()));
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
    }
    if (got < 0 || !send_all(both, to, room.data(), static_cast<std::size_t>(got))) {
      return both.end();  // one side is gone: the other one hears of it
    }
    passed += static_cast<std::uint64_t>(got);
  }
  ++cuts_;
  both.end();
}

bool fault_proxy::send_all(const tunnel& both, const peer& to, const char* bytes,
                           std::size_t count) {
  while (count > 0) {
    const auto sent = ::send(to.descriptor(), bytes, count, MSG_NOSIGNAL);
    if (both.ended) return false;
    if (sent < 0) {
      if (errno == EAGAIN || errno == EINTR) continue;
      return false;
    }
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace troupe::test
