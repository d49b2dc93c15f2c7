// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/detail/envelope.hpp>

#include <troupe/base/section.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::detail {
namespace {

constexpr std::size_t inline_bytes(std::size_t size_class) {
  return envelope_sizes[size_class] - envelope::header_size;
}

template <std::size_t Size>
struct block {
  std::array<unsigned char, Size> bytes{};
};

TEST(Envelope, LeavesTheRestOfACacheLineToASmallPayload) {
  EXPECT_EQ(envelope_class_for(1, 1), 0U);
  EXPECT_EQ(envelope_class_for(24, 8), 0U);
  EXPECT_EQ(envelope_class_for(25, 1), 1U);
  EXPECT_EQ(envelope_class_for(88, 8), 1U);
  EXPECT_EQ(envelope_class_for(89, 1), 2U);
  EXPECT_EQ(envelope_class_for(216, 8), 2U);
  EXPECT_EQ(envelope_class_for(217, 1), envelope_classes);
}

TEST(Envelope, BoxesWhatIsAlignedMoreThanAPointer) {
  EXPECT_EQ(envelope_class_for(16, 16), envelope_classes);
  struct alignas(64) wide {
    int value = 0;
  };
  envelope* const e = make_envelope<wide>(wide{7});
  EXPECT_TRUE(e->boxed);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(e->payload()) % 64, 0U);
  EXPECT_EQ(e->as<wide>().value, 7);
  discard_envelope(*e);
}

TEST(Envelope, IsBlankWhenItIsAcquired) {
  for (std::size_t size_class = 0; size_class < envelope_classes; ++size_class) {
    envelope* const e = acquire_envelope(size_class);
    EXPECT_EQ(e->size_class, size_class);
    EXPECT_EQ(e->type, nullptr);
    EXPECT_EQ(e->sender, nullptr);
    EXPECT_EQ(e->request_id, 0U);
    EXPECT_EQ(e->kind, envelope_kind::message);
    EXPECT_FALSE(e->boxed);
    e->request_id = 5;  // not found again
    e->kind = envelope_kind::reply;
    e->boxed = true;
    release_envelope(*e);
  }
}

template <std::size_t Size>
void expect_round_trip(std::size_t size_class, bool boxed) {
  block<Size> value;
  for (std::size_t i = 0; i < Size; ++i) value.bytes[i] = static_cast<unsigned char>(i * 7 + Size);
  envelope* const e = make_envelope<block<Size>>(value);
  EXPECT_EQ(e->type, &message_type_of<block<Size>>);
  EXPECT_EQ(e->boxed, boxed) << Size;
  EXPECT_EQ(e->size_class, size_class) << Size;
  EXPECT_EQ(e->as<block<Size>>().bytes, value.bytes) << Size;
  discard_envelope(*e);
}

TEST(Envelope, HoldsPayloadsOfEverySize) {
  expect_round_trip<1>(0, false);
  expect_round_trip<inline_bytes(0)>(0, false);
  expect_round_trip<inline_bytes(0) + 1>(1, false);
  expect_round_trip<inline_bytes(1)>(1, false);
  expect_round_trip<inline_bytes(1) + 1>(2, false);
  expect_round_trip<inline_bytes(2)>(2, false);
  expect_round_trip<inline_bytes(2) + 1>(0, true);
  expect_round_trip<5000>(0, true);
}

/// Counts its lives; `Size` decides whether it is boxed.
template <std::size_t Size>
struct counted {
  static inline int alive = 0;
  static inline int copies = 0;

  explicit counted(int v) : value(v) { ++alive; }
  counted(const counted& other) : value(other.value) {
    ++alive;
    ++copies;
  }
  counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
  counted& operator=(const counted&) = delete;
  ~counted() { --alive; }

  int value;
  std::array<std::byte, Size> rest{};
};

template <std::size_t Size>
void expect_one_destruction() {
  using message = counted<Size>;
  {
    message original(3);
    message::copies = 0;
    envelope* const copied = make_envelope<message>(original);
    EXPECT_EQ(message::copies, 1);
    envelope* const moved = make_envelope<message>(std::move(original));
    EXPECT_EQ(message::copies, 1);
    EXPECT_EQ(copied->as<message>().value, 3);
    EXPECT_EQ(moved->as<message>().value, 3);
    EXPECT_EQ(message::alive, 3);
    discard_envelope(*copied);
    EXPECT_EQ(message::alive, 2);
    destroy_payload(*moved);
    EXPECT_EQ(message::alive, 1);
    destroy_payload(*moved);  // has none any more
    EXPECT_EQ(message::alive, 1);
    release_envelope(*moved);
  }
  EXPECT_EQ(message::alive, 0);
}

TEST(Envelope, DestroysItsPayloadOnce) {
  expect_one_destruction<4>();
  expect_one_destruction<60>();
  expect_one_destruction<150>();
  expect_one_destruction<400>();
}

TEST(Envelope, TakesWhatCanOnlyBeMoved) {
  envelope* const e = make_envelope<std::unique_ptr<int>>(std::make_unique<int>(9));
  const std::unique_ptr<int> out = std::move(e->as<std::unique_ptr<int>>());
  discard_envelope(*e);
  EXPECT_EQ(*out, 9);
}

TEST(Envelope, ConstructsFromWhatConverts) {
  envelope* const e = make_envelope<std::string>("a text that is too long to be kept in place");
  EXPECT_EQ(e->as<std::string>(), "a text that is too long to be kept in place");
  discard_envelope(*e);
}

template <std::size_t Size>
struct thrower {
  static inline int constructed = 0;
  static inline int sections = 0;
  thrower() = default;
  thrower(const thrower&) {
    ++constructed;
    if (in_section()) ++sections;
    throw std::runtime_error("no");
  }
  std::array<std::byte, Size> rest{};
};

template <std::size_t Size>
void expect_no_leak_by_throwing() {
  using message = thrower<Size>;
  message::constructed = message::sections = 0;
  const message original;
  // More than the magazines hold: an envelope that is not given back would show as growth, and one
  // given back twice would be handed out twice.
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THROW(make_envelope<message>(original), std::runtime_error);
  }
  EXPECT_EQ(message::constructed, 1000);
  EXPECT_EQ(message::sections, 0) << "user code ran inside a section";
  EXPECT_FALSE(in_section());
  const std::size_t size_class = Size > inline_bytes(2) ? 0 : envelope_class_for(Size, 1);
  std::array<envelope*, 300> taken{};
  for (envelope*& each : taken) each = acquire_envelope(size_class);
  std::sort(taken.begin(), taken.end());
  EXPECT_EQ(std::adjacent_find(taken.begin(), taken.end()), taken.end());
  for (envelope* each : taken) release_envelope(*each);
}

TEST(Envelope, IsGivenBackWhenThePayloadsConstructorThrows) {
  expect_no_leak_by_throwing<8>();
  expect_no_leak_by_throwing<80>();
  expect_no_leak_by_throwing<500>();
}

struct nested {
  static inline envelope* inner = nullptr;
  nested() = default;
  nested(const nested&) { inner = make_envelope<int>(1); }
  ~nested() {
    if (inner != nullptr) discard_envelope(*std::exchange(inner, nullptr));
  }
};

TEST(Envelope, LetsPayloadsMakeAndDiscardEnvelopesThemselves) {
  const nested original;
  envelope* const e = make_envelope<nested>(original);
  ASSERT_NE(nested::inner, nullptr);
  EXPECT_NE(nested::inner, e);
  discard_envelope(*e);
  EXPECT_EQ(nested::inner, nullptr);
}

}  // namespace
}  // namespace troupe::detail
