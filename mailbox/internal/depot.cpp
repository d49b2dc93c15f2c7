// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/mailbox/internal/depot.hpp>

#include <troupe/base/system_limits.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include <sys/mman.h>

namespace troupe::detail {
namespace {

[[noreturn]] void throw_out_of_memory(std::size_t bytes) {
  const int error = errno;  // what follows makes system calls
  throw std::system_error(error, std::generic_category(),
                          "troupe: mmap of " + std::to_string(bytes) +
                              " bytes for messages and actors failed (" + memory_limits() + ")");
}

std::byte* map_pages(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw_out_of_memory(bytes);
  return static_cast<std::byte*>(memory);
}

/// Maps magazines on demand in chunks; an index names one for good.
class magazine_store {
 public:
  magazine& at(std::uint32_t index) noexcept {
    return chunks_[index / per_chunk].load_acquire()[index % per_chunk];  // pairs with create's
  }

  magazine& create() {
    const std::uint32_t index = next_.fetch_add_relaxed(1);  // only makes it unique
    const std::uint32_t chunk = index / per_chunk;
    if (chunk >= chunks_.size()) {
      next_.fetch_sub_relaxed(1);
      errno = ENOMEM;
      throw_out_of_memory(chunk_bytes);
    }
    if (chunks_[chunk].load_acquire() == nullptr) add_chunk(chunk);  // pairs with add_chunk's
    auto* const m = ::new (&at(index)) magazine;
    m->index = index;
    return *m;
  }

 private:
  static constexpr std::uint32_t per_chunk = 128;
  static constexpr std::size_t chunk_bytes = sizeof(magazine) * per_chunk;
  static constexpr std::size_t most_chunks = 1 << 16;  // 8 Mi magazines

  /// Without a lock: nobody should wait for a system call. Of two that map, one unmaps again.
  void add_chunk(std::uint32_t chunk) {
    auto* const fresh = reinterpret_cast<magazine*>(map_pages(chunk_bytes));
    magazine* present = nullptr;
    if (!chunks_[chunk].compare_exchange_acq_rel(present, fresh)) ::munmap(fresh, chunk_bytes);
  }

  std::array<atomic<magazine*>, most_chunks> chunks_{};  // zero pages until used
  atomic<std::uint32_t> next_{1};                        // 0 is no magazine
};

constinit magazine_store store;

constexpr std::size_t largest_slab = std::size_t{2} * 1024 * 1024;
constexpr std::size_t slab_header = 64;
static_assert(sizeof(slab) <= slab_header);

/// Pages for a slab; the largest ones are aligned so that the kernel can back them by huge pages.
std::byte* map_slab(std::size_t bytes) {
  if (bytes < largest_slab) return map_pages(bytes);
  std::byte* const raw = map_pages(2 * bytes);
  const auto address = reinterpret_cast<std::uintptr_t>(raw);
  const std::size_t lead = (bytes - address % bytes) % bytes;
  if (lead != 0) ::munmap(raw, lead);
  ::munmap(raw + lead + bytes, bytes - lead);
  ::madvise(raw + lead, bytes, MADV_HUGEPAGE);  // a wish: fails harmlessly where unsupported
  return raw + lead;
}

}  // namespace

magazine& magazine_table::operator()(std::uint32_t index) const noexcept { return store.at(index); }

std::byte* depot::first_slot(slab& s) const noexcept {
  return reinterpret_cast<std::byte*>(&s) + slab_header;
}

magazine& depot::take_empty() {
  if (magazine* const m = empty_.pop()) return *m;
  return store.create();
}

magazine& depot::take_filled() {
  if (magazine* const m = filled_.pop()) return *m;
  return carve_magazine();
}

/// A magazine of its own for what is carved, so that there is always one for the slots that come
/// back.
magazine& depot::carve_magazine() {
  magazine& m = store.create();
  try {
    carve(m);
  } catch (...) {
    empty_.push(m);
    throw;
  }
  return m;
}

void depot::put(magazine& m) noexcept {
  if (m.count == 0) {
    empty_.push(m);
  } else {
    filled_.push(m);
  }
}

void* depot::take_one() {
  magazine& m = take_filled();
  void* const slot = m.rounds[--m.count];
  put(m);
  unfence(slot);
  return slot;
}

void* depot::take_fresh() {
  magazine& m = carve_magazine();
  void* const slot = m.rounds[--m.count];
  put(m);  // the rest is what the next ones find first
  unfence(slot);
  return slot;
}

void depot::give_one(void* slot) noexcept {
  fence(slot);
  magazine* const m = filled_.pop();
  magazine& room = m != nullptr && m->count < magazine::capacity ? *m : take_empty();
  room.rounds[room.count++] = slot;
  if (m != nullptr && m != &room) put(*m);
  put(room);  // on top: the next slot finds room in it
}

void depot::carve(magazine& m) {
  for (;;) {
    std::uint32_t first = 0;
    std::size_t wanted = 0;
    {
      const std::scoped_lock hold(carving_);
      if (has_room()) return carve_locked(m);
      first = carved_;
      wanted = next_slab_bytes_;
    }
    grow(first, wanted);
  }
}

/// Adds a slab of `bytes` whose slots are numbered from `first` on, unless somebody else has added
/// one. Not under the lock: system calls, and the first touch, for which the kernel clears a huge
/// page.
void depot::grow(std::uint32_t first, std::size_t bytes) {
  if (prepare_ != nullptr) {
    prepare_(first, static_cast<std::uint32_t>((bytes - slab_header) / slot_size_));
  }
  auto* const fresh = ::new (map_slab(bytes)) slab{nullptr, bytes, atomic<std::uint32_t>(0)};
  {
    const std::scoped_lock hold(carving_);
    // That other slab may be used up already: then other numbers are next.
    if (!has_room() && carved_ == first) return add_slab(*fresh);
  }
  ::munmap(fresh, bytes);
}

void depot::carve_locked(magazine& m) noexcept {
  slab& current = *slabs_.load_relaxed();  // written under the lock only
  const std::uint32_t before = m.count;
  while (m.count < magazine::capacity && has_room()) {
    void* const slot = free_begin_;
    free_begin_ += slot_size_;
    if (construct_ != nullptr) construct_(slot, carved_);
    ++carved_;
    fence(slot);
    m.rounds[m.count++] = slot;
  }
  const std::uint32_t carved_now = m.count - before;
  current.slots.store_release(current.slots.load_relaxed() +
                              carved_now);  // pairs with for_each_slot
  // Taken from the end: hand slots out in ascending order, as hardware prefetchers like it.
  std::reverse(m.rounds, m.rounds + m.count);
}

void depot::add_slab(slab& fresh) noexcept {
  fresh.next = slabs_.load_relaxed();  // written under the lock only
  free_begin_ = first_slot(fresh);
  free_end_ = reinterpret_cast<std::byte*>(&fresh) + fresh.bytes;
  next_slab_bytes_ = std::min(2 * fresh.bytes, largest_slab);
  slabs_.store_release(&fresh);  // pairs with for_each_slot
}

/// Magazines are never freed: the first must not be lost when there is no second one.
magazine& magazine_cache::take_spare(depot& source, magazine& loaded) {
  try {
    return source.take_empty();
  } catch (...) {
    source.put(loaded);
    throw;
  }
}

void magazine_cache::refill() {
  if (spare_->count > 0) {
    std::swap(loaded_, spare_);
    return;
  }
  magazine& filled = source_->take_filled();
  source_->put(*loaded_);
  loaded_ = &filled;
  ++refills_;
}

void magazine_cache::make_room() noexcept {
  if (spare_->count == 0) {
    std::swap(loaded_, spare_);
    return;
  }
  magazine& empty = source_->take_empty();  // fails only when no page can be mapped: terminates
  source_->put(*spare_);
  spare_ = loaded_;
  loaded_ = &empty;
}

void magazine_cache::flush() noexcept {
  source_->put(*loaded_);
  source_->put(*spare_);
}

}  // namespace troupe::detail
