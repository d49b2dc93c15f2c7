// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/reactor_mailbox.hpp>

#include <troupe/base/section.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/io/internal/requests.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/scheduler/detail/task.hpp>
#include <troupe/scheduler/internal/visit.hpp>

#include <exception>
#include <new>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope;
using troupe::detail::section;
using troupe::detail::visit;

constinit troupe::detail::depot mailboxes(
    sizeof(reactor_mailbox),
    [](void* slot, std::uint32_t number) { ::new (slot) reactor_mailbox(number); }, false);

}  // namespace

reactor_mailbox& reactor_mailbox::open(reactor& owner) {
  const section guard;
  auto& m = *static_cast<reactor_mailbox*>(mailboxes.take_one());
  m.owner_ = &owner;
  m.missed_end_.store_relaxed(false);  // published by life_
  for (auto* count : {&m.counts.sockets, &m.counts.timeouts}) count->store_relaxed(0);  // [count]
  for (auto* count : {&m.counts.requests, &m.counts.orphans, &m.counts.refused, &m.counts.unknown,
                      &m.counts.moved}) {
    count->store_relaxed(0);  // [count]
  }
  m.life_.store_seq_cst(m.life_.load_relaxed() + 1);  // ours alone; [visit]
  return m;
}

void reactor_mailbox::close() noexcept {
  life_.store_seq_cst(life_.load_relaxed() + 1);  // ours alone; [visit]
  troupe::detail::await_visitors();
}

void reactor_mailbox::release() noexcept {
  const section guard;
  mailboxes.give_one(this);
}

bool reactor_mailbox::post(std::uint64_t life, envelope& e) noexcept {
  const section guard;
  const visit while_posting;
  if (life_.load_seq_cst() != life) return false;  // [visit]
  static_cast<void>(requests_.push(e));            // never idle: the reactor parks by its own word
  owner_->call_worker();                           // [push]
  return true;
}

envelope* reactor_mailbox::take() noexcept {
  troupe::detail::queue_node* const node = requests_.front();
  if (node == nullptr) return nullptr;
  if (requests_.unlink_front() == troupe::detail::mpsc_queue::unlinked::stalled) return nullptr;
  return static_cast<envelope*>(node);
}

reactor_statistics reactor_mailbox::statistics(std::uint64_t life) const noexcept {
  const visit while_reading;
  if (life_.load_seq_cst() != life) return {};  // [visit]
  return {.sockets = counts.sockets.load_relaxed(),
          .timeouts = counts.timeouts.load_relaxed(),
          .requests = counts.requests.load_relaxed(),
          .orphans = counts.orphans.load_relaxed(),
          .refused = counts.refused.load_relaxed(),
          .unknown = counts.unknown.load_relaxed(),
          .moved = counts.moved.load_relaxed()};  // [count]
}

void reactor_mailbox::tell_of_end(troupe::detail::task& owner, std::uint32_t generation) noexcept {
  const std::uint32_t bits = owner.registered_with.exchange_seq_cst(told) & ~told;  // [owner]
  if (bits != 0) post_owner_ended(bits, owner, generation);
}

void reactor_mailbox::post_owner_ended(std::uint32_t bits, const troupe::detail::task& owner,
                                       std::uint32_t generation) noexcept {
  mailboxes.for_each_slot([&](void* slot) {
    auto& m = *static_cast<reactor_mailbox*>(slot);
    const std::uint64_t life = m.life_.load_seq_cst();  // [visit]
    if (life % 2 == 0 || (bits & m.owner_bit()) == 0) return;
    try {
      envelope* const e = troupe::detail::make_envelope<owner_ended>(
          owner_ended{owner_key(owner.number, generation)});
      if (!m.post(life, *e)) troupe::detail::release_envelope(*e);
    } catch (const std::exception&) {  // a system_error, or no memory for its text
      m.note_missed_end(life);
    }
  });
}

void reactor_mailbox::note_missed_end(std::uint64_t life) noexcept {
  const section guard;
  const visit while_noting;
  if (life_.load_seq_cst() != life) return;  // [visit]
  missed_end_.store_seq_cst(true);           // [missed]
  owner_->call_worker();                     // [missed]
}

owner_state owner_state_of(const envelope& e) noexcept {
  // In this order: `told` that is found cleared belongs to this life or to a later one, and that
  // one's generation is seen then.
  const std::uint32_t bits = e.sender->registered_with.load_seq_cst();   // [owner]
  const std::uint32_t generation = e.sender->generation.load_seq_cst();  // [owner]
  if (generation == e.target_generation) return owner_state::lives;
  const bool is_told = (bits & reactor_mailbox::told) != 0;
  return generation == e.target_generation + 1 && !is_told ? owner_state::ending
                                                           : owner_state::over;
}

}  // namespace troupe::io::detail
