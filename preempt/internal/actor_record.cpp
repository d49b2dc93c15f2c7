// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/preempt/internal/actor_record.hpp>

#include <troupe/base/system_limits.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include <sys/mman.h>

namespace troupe::detail {
namespace {

constexpr std::uint32_t per_chunk = 16 * 1024;  // arbitrary: 768 KiB of address space
constexpr std::size_t chunk_bytes = sizeof(actor_record) * per_chunk;
constexpr std::size_t chunk_count = (std::size_t{1} << 32) / per_chunk;  // any number will do

/// Published by make_room(); mapped for good.
constinit std::array<atomic<actor_record*>, chunk_count> chunks{};  // zero pages until used

/// Zero pages are records of no life. They are not reserved, as most are never touched, and not
/// huge, as then one that is would cost 2 MiB.
actor_record* map_chunk() {
  void* const memory = ::mmap(nullptr, chunk_bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    const int error = errno;  // what follows makes system calls
    throw std::system_error(error, std::generic_category(),
                            "troupe: mmap of " + std::to_string(chunk_bytes) +
                                " bytes for what is known about actors failed (" + memory_limits() +
                                ")");
  }
  ::madvise(memory, chunk_bytes, MADV_NOHUGEPAGE);  // a wish: fails harmlessly where unsupported
  return static_cast<actor_record*>(memory);
}

actor_record& record_at(std::uint32_t number) noexcept {
  return chunks[number / per_chunk].load_acquire()[number % per_chunk];  // pairs with make_room's
}

}  // namespace

// Without a lock: nobody should wait for a system call. Of two that map, one unmaps again.
void actor_record::make_room(std::uint32_t first, std::uint32_t count) {
  const std::uint32_t last = first + (count - 1);
  for (std::uint32_t i = first / per_chunk; i <= last / per_chunk; ++i) {
    if (chunks[i].load_acquire() != nullptr) continue;
    actor_record* const fresh = map_chunk();
    actor_record* present = nullptr;
    if (!chunks[i].compare_exchange_acq_rel(present, fresh)) ::munmap(fresh, chunk_bytes);
  }
}

actor_record* actor_record::find(const task& actor) noexcept {
  if (!actor.is_actor) return nullptr;
  actor_record& r = record_at(actor.number);
  const std::uint32_t life = actor.generation.load_acquire();  // pairs with spawn's
  return r.life_.load_acquire() == life ? &r : nullptr;        // [record]
}

actor_record* actor_record::open(const task& actor) noexcept {
  const std::uint32_t life = actor.generation.load_relaxed();  // the owner's
  if (!actor.is_actor || life % 2 == 0) return nullptr;
  actor_record& r = record_at(actor.number);
  if (r.life_.load_relaxed() != life) r.begin(life);  // written by owners only
  return &r;
}

void actor_record::begin(std::uint32_t life) noexcept {
  place_.store_release(place::worker);  // [record]
  fresh_us_.store_release(0);           // [record]
  batch_us_.store_release(0);           // [record]
  preemptions_.store_release(0);        // [record]
  unbinds_.store_release(0);            // [record]
  deferrals_.store_release(0);          // [record]
  rescues_.store_release(0);            // [record]
  life_.store_release(life);            // [record] last: from here on it counts
}

void actor_record::set_quanta(std::chrono::microseconds fresh,
                              std::chrono::microseconds batch) noexcept {
  fresh_us_.store_release(static_cast<std::uint32_t>(fresh.count()));  // [record]
  batch_us_.store_release(static_cast<std::uint32_t>(batch.count()));  // [record]
}

}  // namespace troupe::detail
