// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <support/effort.hpp>
#include <support/eventually.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {
namespace {

using test::eventually;
using test::scaled;

struct get {};

template <std::size_t Size>
struct sized {
  std::array<std::uint8_t, Size> bytes{};
  explicit sized(std::uint8_t first) { std::iota(bytes.begin(), bytes.end(), first); }
  bool intact(std::uint8_t first) const {
    std::array<std::uint8_t, Size> expected{};
    std::iota(expected.begin(), expected.end(), first);
    return bytes == expected;
  }
};

template <std::size_t... Sizes>
struct sized_receiver : actor<bool(sized<Sizes>)...> {
  template <std::size_t Size>
  bool on(const sized<Size>& m) {
    return m.intact(static_cast<std::uint8_t>(Size));
  }
};

template <std::size_t... Sizes>
void send_sizes(system& sys) {
  const auto r = sys.spawn<sized_receiver<Sizes...>>();
  for (int i = 0; i < 100; ++i) {
    const bool intact = (sys.ask(r, sized<Sizes>(static_cast<std::uint8_t>(Sizes))) && ...);
    ASSERT_TRUE(intact);
  }
}

TEST(Send, MessagesOfAnySizeArriveIntact) {
  system sys;
  send_sizes<1, 8, 23, 24, 25, 32, 87, 88, 89, 128, 215, 216, 217, 256, 1024, 100'000>(sys);
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
  std::array<char, 8> text{'a', 'l', 'i', 'g', 'n', 'e', 'd', 0};
};

struct aligned_receiver
    : actor<bool(aligned<16>), bool(aligned<32>), bool(aligned<64>), bool(aligned<4096>)> {
  template <std::size_t Alignment>
  bool on(const aligned<Alignment>& m) {
    return reinterpret_cast<std::uintptr_t>(&m) % Alignment == 0 &&
           std::string(m.text.data()) == "aligned";
  }
};

TEST(Send, OverAlignedMessagesArriveAligned) {
  system sys;
  const auto r = sys.spawn<aligned_receiver>();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(sys.ask(r, aligned<16>{}));
    EXPECT_TRUE(sys.ask(r, aligned<32>{}));
    EXPECT_TRUE(sys.ask(r, aligned<64>{}));
    EXPECT_TRUE(sys.ask(r, aligned<4096>{}));
  }
}

using owned = std::unique_ptr<int>;

struct move_only_receiver : actor<owned(owned), void(std::vector<owned>)> {
  owned on(owned p) {
    ++*p;
    return p;
  }
  void on(std::vector<owned>&& v) { kept = std::move(v); }
  std::vector<owned> kept;
};

TEST(Send, MoveOnlyMessagesAndAnswersTravel) {
  std::vector<owned> v;
  std::atomic<int> got{0};
  system sys;
  const auto r = sys.spawn<move_only_receiver>();
  const owned back = sys.ask(r, std::make_unique<int>(1));
  ASSERT_NE(back, nullptr);
  EXPECT_EQ(*back, 2);
  v.push_back(std::make_unique<int>(3));
  r.send(std::move(v));
  sys.spawn([&, r](context& self) { got = *self.ask(r, std::make_unique<int>(10)); });
  const any_ref d = sys.spawn([&](context& self) { self.receive([&](owned p) { got += *p; }); });
  EXPECT_TRUE(eventually([&] { return got == 11; }));
  d.send(std::make_unique<int>(100));
  EXPECT_TRUE(eventually([&] { return got == 111; }));
}

TEST(Send, AnLvalueIsCopiedAndKept) {
  system sys;
  struct keep : actor<void(std::string), std::string(get)> {
    void on(std::string s) { text += s; }
    std::string on(get) { return text; }
    std::string text;
  };
  const auto r = sys.spawn<keep>();
  std::string s(100, 'x');
  const std::string& constant = s;
  r.send(s);
  r.send(constant);
  EXPECT_EQ(s, std::string(100, 'x'));
  EXPECT_EQ(sys.ask(r, get{}), std::string(200, 'x'));
}

/// Counts the living; throws when it is copied and told to.
struct fragile {
  explicit fragile(std::atomic<long>& n, bool throws_when_copied = false)
      : alive(&n), throws(throws_when_copied) {
    ++*alive;
  }
  fragile(const fragile& other) : alive(other.alive), throws(other.throws) {
    if (throws) throw std::runtime_error("copy");
    ++*alive;
  }
  fragile& operator=(const fragile&) = delete;
  ~fragile() { --*alive; }
  std::atomic<long>* alive;
  bool throws;
};
struct big_fragile : fragile {
  using fragile::fragile;
  std::array<char, 500> ballast{};
};

struct fragile_receiver : actor<void(fragile), void(big_fragile), void(get)> {
  void on(const fragile&) { ++seen; }
  void on(big_fragile) { ++seen; }
  void on(get) {}
  int seen = 0;
};

TEST(Send, WhatTheMessagesConstructorThrowsComesOutOfSend) {
  std::atomic<long> alive{0};
  {
    system sys;
    const auto r = sys.spawn<fragile_receiver>();
    const fragile f(alive, true);
    const big_fragile b(alive, true);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_THROW(r.send(f), std::runtime_error);
      EXPECT_THROW(r.send(b), std::runtime_error);
    }
    EXPECT_EQ(alive, 2);
    sys.ask(r, get{});
  }
  EXPECT_EQ(alive, 0);
}

TEST(Send, EveryMessageIsDestroyedExactlyOnceWhateverBecomesOfIt) {
  std::atomic<long> alive{0};
  for (std::size_t round = 0; round < scaled(60); ++round) {
    system sys({.workers = 1 + round % 3});
    const auto handler = sys.spawn<fragile_receiver>();
    const any_ref direct = sys.spawn([](context& self) {
      self.receive([](get) {});
      for (int i = 0; i < 50; ++i) self.receive([](const big_fragile&) {});
    });
    const any_ref dead = sys.spawn([](context&) {});
    std::jthread sender([&] {
      for (int i = 0; i < 100; ++i) {
        handler.send(fragile(alive));
        direct.send(fragile(alive));
        direct.send(big_fragile(alive));
        dead.send(big_fragile(alive));
        any_ref(handler).send(std::make_unique<fragile>(alive));  // no handler
      }
    });
    direct.send(get{});
    if (round % 2 == 0) any_ref(handler).kill();
    sender.join();
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace troupe
