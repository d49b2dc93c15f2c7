// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/descriptor_claims.hpp>

#include <troupe/base/atomic.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe::io::detail {
namespace {

using troupe::detail::atomic;

// One bit for each descriptor that the kernel could ever hand out, in pages made when first needed.
constexpr std::size_t bits_per_word = 64;
constexpr std::size_t page_bits = std::size_t{32} * 1024;
constexpr std::size_t most_pages = (std::size_t{1} << 31) / page_bits;

struct page {
  atomic<std::uint64_t> words[page_bits / bits_per_word];
};

constinit atomic<page*> pages[most_pages];  // zero pages until used

struct place {
  std::size_t page;
  std::size_t word;
  std::uint64_t bit;
};

place place_of(int descriptor) noexcept {
  const auto n = static_cast<std::size_t>(descriptor);
  return {n / page_bits, n % page_bits / bits_per_word, std::uint64_t{1} << n % bits_per_word};
}

page& page_at(std::size_t index) {
  page* present = pages[index].load_acquire();  // pairs with the exchange below
  if (present == nullptr) {
    auto fresh = std::make_unique<page>();
    if (pages[index].compare_exchange_acq_rel(present, fresh.get())) present = fresh.release();
  }
  return *present;
}

}  // namespace

bool claim_descriptor(int descriptor) {
  const place at = place_of(descriptor);
  return (page_at(at.page).words[at.word].fetch_or_seq_cst(at.bit) & at.bit) == 0;
}

void release_descriptor(int descriptor) noexcept {
  const place at = place_of(descriptor);
  page* const present = pages[at.page].load_acquire();  // made by the claim
  present->words[at.word].fetch_and_seq_cst(~at.bit);
}

}  // namespace troupe::io::detail
