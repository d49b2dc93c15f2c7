// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/descriptor_claims.hpp>

#include <troupe/base/atomic.hpp>
#include <troupe/base/section.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

#include <sched.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

using troupe::detail::atomic;

// Two bits for each descriptor that the kernel could ever hand out, in pages made when first
// needed.
constexpr std::size_t states_per_word = 32;
constexpr std::size_t states_per_page = std::size_t{32} * 1024;
constexpr std::size_t most_pages = (std::size_t{1} << 31) / states_per_page;

struct page {
  atomic<std::uint64_t> words[states_per_page / states_per_word];
};

constinit atomic<page*> pages[most_pages];  // zero pages until used

struct place {
  std::size_t page;
  std::size_t word;
  std::uint64_t claimed;  ///< a bit
  std::uint64_t closing;  ///< set beside `claimed`
};

place place_of(int descriptor) noexcept {
  const auto n = static_cast<std::size_t>(descriptor);
  const std::uint64_t claimed = std::uint64_t{1} << 2 * (n % states_per_word);
  return {n / states_per_page, n % states_per_page / states_per_word, claimed, 2 * claimed};
}

page& page_at(std::size_t index) {
  page* present = pages[index].load_acquire();  // pairs with the exchange below
  if (present == nullptr) {
    auto fresh = std::make_unique<page>();
    if (pages[index].compare_exchange_acq_rel(present, fresh.get())) present = fresh.release();
  }
  return *present;
}

/// Of a descriptor that is claimed.
atomic<std::uint64_t>& word_of(const place& at) noexcept {
  return pages[at.page].load_acquire()->words[at.word];  // made by the claim
}

}  // namespace

bool claim_descriptor(int descriptor) {
  constexpr int spins = 64;  // arbitrary: some 2 us, more than most closes take
  const place at = place_of(descriptor);
  atomic<std::uint64_t>& word = page_at(at.page).words[at.word];
  for (int i = 0;; ++i) {
    const std::uint64_t before = word.fetch_or_seq_cst(at.claimed);
    if ((before & at.claimed) == 0) return true;
    if ((before & at.closing) == 0) return false;
    if (i < spins) {
      troupe::detail::spin_pause();
    } else {
      ::sched_yield();  // it takes its time, or its thread has lost its core
    }
  }
}

void release_descriptor(int descriptor) noexcept {
  const place at = place_of(descriptor);
  word_of(at).fetch_and_seq_cst(~at.claimed);
}

void close_descriptor(int descriptor) noexcept {
  const troupe::detail::section guard;  // others may wait for its end
  const place at = place_of(descriptor);
  atomic<std::uint64_t>& word = word_of(at);
  word.fetch_or_seq_cst(at.closing);
  ::close(descriptor);
  word.fetch_and_seq_cst(~(at.claimed | at.closing));
}

}  // namespace troupe::io::detail
