// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/registrations.hpp>

#include <troupe/base/error.hpp>
#include <troupe/io/internal/descriptor_claims.hpp>
#include <troupe/io/internal/notice.hpp>
#include <troupe/mailbox/internal/depot.hpp>

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

using troupe::detail::atomic;
using troupe::detail::envelope;

// Not fenced: an event may come for a registration that has just ended.
constinit troupe::detail::depot slots(
    sizeof(registration), [](void* slot, std::uint32_t) { ::new (slot) registration; }, false);

void bump(atomic<std::uint64_t>& count) noexcept {
  count.store_relaxed(count.load_relaxed() + 1);  // [count]; the only writer
}

void set_target(envelope& e, const envelope& like) noexcept {
  e.sender = like.sender;
  e.target_generation = like.target_generation;
}

void release(envelope* e) noexcept {
  if (e != nullptr) troupe::detail::release_envelope(*e);  // their payloads are trivial
}

bool contains(interest all, interest one) noexcept {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

std::error_code error_of(int number) noexcept { return {number, std::generic_category()}; }

/// A claim for a descriptor that is open; else the errno value. Without memory for it, which means
/// that nobody else has a claim, the descriptor is closed.
int claim(int descriptor) noexcept {
  try {
    if (!claim_descriptor(descriptor)) return EEXIST;
  } catch (const std::bad_alloc&) {
    ::close(descriptor);
    return ENOMEM;
  }
  if (::fcntl(descriptor, F_GETFD) != -1) return 0;
  release_descriptor(descriptor);
  return EBADF;
}

/// What epoll says of a descriptor that somebody else has closed: the number stands for nothing, or
/// for another file, which is not ours to close.
bool is_gone(std::error_code error) noexcept {
  return error == std::errc::bad_file_descriptor || error == std::errc::no_such_file_or_directory;
}

/// Answers to a request that is over: its envelope becomes the answer.
void answer_closed(envelope& e, socket_id id, std::error_code reason) noexcept {
  make_notice(e, socket_closed{id, reason});
  static_cast<void>(post_notice(e));
}

}  // namespace

registration::registration() noexcept : event_source(&registrations::report, false) {}

void refuse(envelope& e, std::error_code reason) noexcept {
  const socket_request request = e.as<socket_request>();
  if (const int error = claim(request.descriptor)) {  // another one's, or none
    reason = error_of(error);
  } else {
    close_descriptor(request.descriptor);
  }
  answer_closed(e, request.id, reason);
}

void registrations::add(envelope& e) noexcept {
  const socket_request request = e.as<socket_request>();
  if (refuse_duplicate(e, request)) return;
  if (const int error = claim(request.descriptor)) {
    bump(counts_.refused);
    answer_closed(e, request.id, error_of(error));
    return;
  }
  if (owner_state_of(e) == owner_state::over) {
    bump(counts_.orphans);
    close_descriptor(request.descriptor);
    release(&e);
    return;
  }
  const std::error_code error = try_add(e, request);
  if (!error) return;
  bump(counts_.refused);
  if (error == std::errc::file_exists) {  // somebody else's, who has not claimed it
    release_descriptor(request.descriptor);
  } else {
    close_descriptor(request.descriptor);
  }
  answer_closed(e, request.id, error);
}

/// A request with an id that is in use, the sender's mistake, is not answered: the id's
/// socket_closed is that of the registration which has it.
bool registrations::refuse_duplicate(envelope& e, const socket_request& request) noexcept {
  if (all_.find(request.id.number()) == nullptr) return false;
  bump(counts_.refused);
  if (claim(request.descriptor) == 0) close_descriptor(request.descriptor);
  release(&e);
  return true;
}

void registrations::refuse(envelope& e, std::error_code reason) noexcept {
  if (!refuse_duplicate(e, e.as<socket_request>())) detail::refuse(e, reason);
}

/// Without an error, `e` is the registration's.
std::error_code registrations::try_add(envelope& e, const socket_request& request) noexcept {
  registration* r = nullptr;
  try {
    r = static_cast<registration*>(slots.take_one());
    r->closed = troupe::detail::acquire_envelope(0);
  } catch (const std::exception&) {  // a system_error, or no memory for its text
    if (r != nullptr) slots.give_one(r);
    return error_of(ENOMEM);
  }
  r->life.store_release(r->life.load_relaxed() + 1);  // ours alone
  r->descriptor = request.descriptor;
  r->id = request.id;
  r->wanted = request.wanted;
  r->of_owner.owner = owner_key(e.sender->number, e.target_generation);
  set_target(*r->closed, e);
  const std::error_code error = edges_.add_once(*r, request.wanted);
  if (error) {
    r->life.store_release(r->life.load_relaxed() + 1);  // ours alone
    release(std::exchange(r->closed, nullptr));
    slots.give_one(r);
    return error;
  }
  r->ready = &e;
  all_.insert(*r);
  owners_.insert(*r);
  count_sockets();
  return {};
}

void registrations::rearm(envelope& e) noexcept {
  const modify_socket request = e.as<modify_socket>();
  registration* const r = all_.find(request.id.number());
  if (r == nullptr) {
    bump(counts_.unknown);
    release(&e);
    return;
  }
  set_target(e, *r->closed);
  release(std::exchange(r->ready, &e));
  r->wanted = request.wanted;
  const std::error_code error = edges_.rearm(*r, request.wanted);
  if (is_gone(error)) {
    end_gone(*r, error);
  } else if (error) {
    end(*r, error);
  }
}

bool registrations::close(const close_socket& request) noexcept {
  registration* const r = all_.find(request.id.number());
  if (r == nullptr) return false;
  if (request.keep_open) {
    let_go(*r);
  } else {
    end(*r, {});
  }
  return true;
}

/// Its descriptor becomes the owner's, and is free for another claim before the owner is told. One
/// whose owner has ended, which could not be told, stays until owner_ended comes.
void registrations::let_go(registration& r) noexcept {
  if (owner_state_of(*r.closed) != owner_state::lives) return;
  const std::error_code error = edges_.rearm(r, interest::none);
  if (is_gone(error)) {
    end_gone(r, error);
  } else {
    end(r, errc::released, true);
  }
}

/// Somebody else has closed it: what its number stands for now is left alone.
void registrations::end_gone(registration& r, std::error_code reason) noexcept {
  release_descriptor(std::exchange(r.descriptor, -1));
  end(r, reason);
}

std::size_t registrations::drop_those_of(std::uint64_t owner, std::size_t most) noexcept {
  std::size_t dropped = 0;
  for (; dropped < most; ++dropped) {
    registration* const r = owners_.find(owner);
    if (r == nullptr) break;
    bump(counts_.orphans);
    drop(*r);
  }
  return dropped;
}

void registrations::drop_orphans() noexcept {
  all_.for_each([this](registration& r) {
    if (owner_state_of(*r.closed) != owner_state::over) return;
    bump(counts_.orphans);
    drop(r);
  });
}

void registrations::close_all(std::error_code reason) noexcept {
  while (registration* const r = all_.any()) end(*r, reason);
}

void registrations::report(event_source& source, news n) noexcept {
  auto& r = static_cast<registration&>(source);
  if (r.ready == nullptr || r.wanted == interest::none) return;
  const socket_ready answer{.id = r.id,
                            .readable = n.readable && contains(r.wanted, interest::readable),
                            .writable = n.writable && contains(r.wanted, interest::writable),
                            .error = n.error};
  envelope& e = *std::exchange(r.ready, nullptr);
  make_notice(e, answer);
  static_cast<void>(post_notice(e));  // unwanted: it is disarmed, and dropped when that is told
}

void registrations::end(registration& r, std::error_code reason, bool keep_open) noexcept {
  envelope& e = *std::exchange(r.closed, nullptr);
  const socket_id id = r.id;
  drop(r, keep_open);
  answer_closed(e, id, reason);
}

void registrations::drop(registration& r, bool keep_open) noexcept {
  r.life.store_release(r.life.load_relaxed() + 1);  // ours alone; events under way are for the past
  all_.remove(r);
  owners_.remove(r);
  count_sockets();                       // before anybody can see the end
  edges_.remove(r, r.descriptor != -1);  // another descriptor may refer to the same open file
  if (r.descriptor != -1) {
    (keep_open ? &release_descriptor : &close_descriptor)(std::exchange(r.descriptor, -1));
  }
  release(std::exchange(r.ready, nullptr));
  release(std::exchange(r.closed, nullptr));
  r.id = {};
  slots.give_one(&r);
}

}  // namespace troupe::io::detail
