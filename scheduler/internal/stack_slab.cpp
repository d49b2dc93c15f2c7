// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/scheduler/internal/stack_slab.hpp>

#include <troupe/base/atomic.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::detail {
namespace {

/// A slab of 256 stacks of the default size; more would make its creation noticeable (arbitrary).
constexpr std::size_t slab_bytes = std::size_t{64} << 20;
constexpr std::size_t slab_stacks = 256;
/// The first slab of a size, so that small programs stay small; each further one doubles.
constexpr std::size_t first_slab_stacks = 16;

/// Beyond the address space of every machine with four levels of page tables.
constexpr std::size_t maximum_stack_size = std::size_t{1} << 46;

/// One mapping full of stacks, each with its guard below it. Immortal.
struct slab {
  std::byte* memory;
  std::size_t stride;
  std::size_t count;
  stack* stacks;
  slab* next;
};

constinit atomic<slab*> slabs{nullptr};

void publish(slab* fresh) noexcept {
  slab* head = slabs.load_acquire();  // [slab-list] as the failing exchange below
  do {
    fresh->next = head;
  } while (!slabs.compare_exchange_weak_acq_rel(head, fresh));  // [slab-list] publishes the fields
}

std::byte* map_stacks(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) throw_stack_memory_error(errno, bytes);
  // A huge page would back eight stacks that use a page each. Fails where the kernel has none.
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<std::byte*>(memory);
}

/// Enough pages that a frame of 64 KiB which touches its far end first does not step over them, and
/// one more where it takes that to make stacks an odd number of pages apart: the hot pages of
/// stacks that lie a power of two apart would compete for the same few entries of the TLB.
std::size_t guard_size_for(std::size_t size) noexcept {
  constexpr std::size_t least_pages = 16;
  const bool odd = (size / page_size() + least_pages) % 2 != 0;
  return (least_pages + (odd ? 0 : 1)) * page_size();
}

}  // namespace

std::byte* stack::top() const noexcept { return base_ + pool_->stack_size(); }

std::size_t stack::size() const noexcept { return pool_->stack_size(); }

bool stack::guards(const void* address) const noexcept {
  return address < base_ && address >= base_ - pool_->guard_size();
}

stack_pool::stack_pool(std::size_t size, guard_installer guard, std::size_t high_water) noexcept
    : size_(size), guard_size_(guard_size_for(size)), guard_(guard), high_water_(high_water) {}

stack* stack_pool::acquire(stack_use use) {
  stack* taken = take();
  while (taken == nullptr) {
    grow();
    taken = take();
  }
  if (!taken->guarded_) {
    if (const int error = guard_(taken->base_ - guard_size_, guard_size_); error != 0) {
      put_back(taken, cold_, counts_.cold);
      throw_guard_error(error);
    }
    taken->guarded_ = true;
  }
  taken->use_ = use;
  return taken;
}

void stack_pool::release(stack* released) noexcept {
  {
    const std::lock_guard hold(lock_);
    if (counts_.warm < high_water_) {
      released->next_ = std::exchange(warm_, released);
      ++counts_.warm;
      --counts_.used;
      return;
    }
  }
  ::madvise(released->base_, size_, MADV_DONTNEED);
  put_back(released, cold_, counts_.cold);
}

stack_pool::counts stack_pool::count() noexcept {
  const std::lock_guard hold(lock_);
  return counts_;
}

stack* stack_pool::take() noexcept {
  const std::lock_guard hold(lock_);
  stack*& list = warm_ != nullptr ? warm_ : cold_;
  if (list == nullptr) return nullptr;
  --(warm_ != nullptr ? counts_.warm : counts_.cold);
  ++counts_.used;
  return std::exchange(list, list->next_);
}

void stack_pool::put_back(stack* idle, stack*& list, std::size_t& length) noexcept {
  const std::lock_guard hold(lock_);
  idle->next_ = std::exchange(list, idle);
  ++length;
  --counts_.used;
}

void stack_pool::grow() {
  const std::size_t stride = size_ + guard_size_;
  const std::size_t count =
      std::clamp<std::size_t>(this->count().mapped, first_slab_stacks, slab_stacks);
  const std::size_t fitting = std::clamp<std::size_t>(slab_bytes / stride, 1, count);

  auto stacks = std::make_unique<stack[]>(fitting);
  auto fresh = std::make_unique<slab>();
  std::byte* const memory = map_stacks(fitting * stride);
  for (std::size_t i = 0; i < fitting; ++i) {
    stacks[i].base_ = memory + i * stride + guard_size_;
    stacks[i].pool_ = this;
    stacks[i].next_ = i + 1 < fitting ? &stacks[i + 1] : nullptr;
  }
  *fresh = {memory, stride, fitting, stacks.get(), nullptr};
  stack* const first = &stacks[0];
  stack* const last = &stacks[fitting - 1];
  stacks.release();
  publish(fresh.release());

  const std::lock_guard hold(lock_);
  last->next_ = std::exchange(cold_, first);
  counts_.cold += fitting;
  counts_.mapped += fitting;
}

std::size_t round_stack_size(std::size_t size) {
  if (size > maximum_stack_size) {
    throw std::invalid_argument("troupe: a stack of " + std::to_string(size) +
                                " bytes is larger than any address space");
  }
  const std::size_t page = page_size();
  return (std::max(size, minimum_stack_size) + page - 1) / page * page;
}

namespace {

/// The process's pools, one per size; append-only.
struct pool_entry {
  explicit pool_entry(std::size_t size) noexcept : pool(size) {}
  stack_pool pool;
  pool_entry* next = nullptr;
};

constinit atomic<pool_entry*> pools{nullptr};

stack_pool* find_pool(pool_entry* from, const pool_entry* to, std::size_t size) noexcept {
  for (; from != to; from = from->next) {
    if (from->pool.stack_size() == size) return &from->pool;
  }
  return nullptr;
}

}  // namespace

stack_pool& pool_for(std::size_t size) {
  const std::size_t rounded = round_stack_size(size);
  pool_entry* head = pools.load_acquire();  // [pool-list] pairs with the release below
  if (stack_pool* const found = find_pool(head, nullptr, rounded)) return *found;

  auto fresh = std::make_unique<pool_entry>(rounded);
  fresh->next = head;
  while (!pools.compare_exchange_weak_acq_rel(fresh->next, fresh.get())) {  // [pool-list] publishes
    if (stack_pool* const found = find_pool(fresh->next, head, rounded)) return *found;
    head = fresh->next;
  }
  return fresh.release()->pool;
}

stack* acquire_stack(std::size_t size, stack_use use) { return pool_for(size).acquire(use); }

void release_stack(stack* released) noexcept { released->pool().release(released); }

const stack* find_stack(const void* address) noexcept {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  // [slab-list] sees the fields of whatever slab it meets
  for (const slab* s = slabs.load_acquire(); s != nullptr; s = s->next) {
    const auto memory = reinterpret_cast<std::uintptr_t>(s->memory);
    if (wanted >= memory && wanted - memory < s->stride * s->count) {
      return &s->stacks[(wanted - memory) / s->stride];
    }
  }
  return nullptr;
}

}  // namespace troupe::detail
