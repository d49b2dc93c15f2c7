// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/reactor_ref.hpp>

#include <troupe/base/error.hpp>
#include <troupe/io/internal/reactor_mailbox.hpp>
#include <troupe/io/internal/registrations.hpp>
#include <troupe/io/internal/requests.hpp>
#include <troupe/scheduler/detail/task.hpp>

#include <stdexcept>
#include <string>

namespace troupe::io {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw std::logic_error(std::string("troupe: reactor_ref::send: ") + what);
}

template <class Id>
void require(Id id, const char* request) {
  if (id) return;
  throw std::logic_error("troupe: reactor_ref::send: " + std::string(request) +
                         "::id is empty; make() makes one");
}

void require(const receiver& to, const char* request) {
  if (to.task() != nullptr) return;
  throw std::logic_error("troupe: reactor_ref::send: " + std::string(request) +
                         "::to is empty: nobody would get the answer");
}

void require(interest wanted, const char* request) {
  if (wanted <= interest::both) return;
  throw std::logic_error("troupe: reactor_ref::send: " + std::string(request) + "::wanted = " +
                         std::to_string(static_cast<unsigned>(wanted)) + " is no interest");
}

}  // namespace

detail::reactor_mailbox& reactor_ref::target() const {
  if (mailbox_ == nullptr) refuse("an empty handle, which refers to no reactor");
  return *mailbox_;
}

/// Lets the actor's end be told to the reactor: before the request is posted.
void reactor_ref::note_owner(const receiver& owner) const {
  const std::uint32_t bit = target().owner_bit();
  auto& bits = owner.task()->registered_with;
  if ((bits.load_seq_cst() & bit) == 0) bits.fetch_or_seq_cst(bit);  // [owner]
}

template <class Payload>
void reactor_ref::post(const Payload& payload, const receiver& to) const {
  detail::reactor_mailbox& mailbox = target();
  troupe::detail::envelope* const e = troupe::detail::make_envelope<Payload>(payload);
  e->sender = to.task();
  e->target_generation = to.generation();
  if (mailbox.post(life_, *e)) return;
  if constexpr (std::is_same_v<Payload, detail::socket_request>) {
    detail::refuse(*e, errc::stopping);
  } else {
    troupe::detail::release_envelope(*e);  // there is nothing to modify, close, cancel or wait for
  }
}

void reactor_ref::send(const register_socket& request) const {
  constexpr const char* name = "register_socket";
  require(request.id, name);
  require(request.to, name);
  require(request.wanted, name);
  if (request.descriptor < 0) {
    throw std::logic_error("troupe: reactor_ref::send: register_socket::descriptor = " +
                           std::to_string(request.descriptor) + " is no descriptor");
  }
  note_owner(request.to);
  post(detail::socket_request{request.id, request.descriptor, request.wanted}, request.to);
}

void reactor_ref::send(const modify_socket& request) const {
  require(request.id, "modify_socket");
  require(request.wanted, "modify_socket");
  post(request);
}

void reactor_ref::send(const close_socket& request) const {
  require(request.id, "close_socket");
  post(request);
}

void reactor_ref::send(const set_timeout& request) const {
  require(request.id, "set_timeout");
  require(request.to, "set_timeout");
  note_owner(request.to);
  post(detail::timeout_request{.answer = {request.id}, .deadline_ns = request.at.ns()}, request.to);
}

void reactor_ref::send(const cancel_timeout& request) const {
  require(request.id, "cancel_timeout");
  post(request);
}

reactor_statistics reactor_ref::statistics() const { return target().statistics(life_); }

}  // namespace troupe::io
