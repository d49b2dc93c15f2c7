// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/socket.hpp>

#include <troupe/base/section.hpp>
#include <troupe/io/internal/descriptor_claims.hpp>
#include <troupe/io/internal/notice.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/io/internal/system_call.hpp>
#include <troupe/io/internal/waiting_call.hpp>
#include <troupe/io/socket_ready.hpp>
#include <troupe/mailbox/internal/depot.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/detail/wait.hpp>
#include <troupe/scheduler/internal/carrier.hpp>
#include <troupe/scheduler/internal/scheduler.hpp>

#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <unistd.h>

namespace troupe::io::detail {
namespace {

using troupe::detail::envelope_ptr;
using troupe::detail::section;
using troupe::detail::task;

// Not fenced: the reporter may look at a socket that has just been closed.
constinit troupe::detail::depot sockets(
    sizeof(socket), [](void* slot, std::uint32_t) { ::new (slot) socket; }, false);

socket* take_slot() {
  const section guard;
  return static_cast<socket*>(sockets.take_one());
}

void give_slot(socket& s) noexcept {
  const section guard;
  sockets.give_one(&s);
}

/// Keeps reactors from taking a registration of it. False: one has it already, by mistake.
bool claim(int descriptor) {
  try {
    return claim_descriptor(descriptor);
  } catch (const std::bad_alloc&) {
    throw std::system_error(std::make_error_code(std::errc::not_enough_memory),
                            "troupe: no memory for descriptor " + std::to_string(descriptor));
  }
}

/// Sends a requested notice. Whoever requested it may have ended, and left the socket to others.
void report_to_owner(readiness& r) noexcept {
  troupe::detail::envelope* const e = r.report();
  if (e == nullptr) return;
  static_cast<void>(post_notice(*e));
  r.posted();
}

envelope_ptr make_ready_notice(task& receiver, socket_id id) {
  envelope_ptr e(troupe::detail::acquire_envelope(0));
  make_notice(*e, socket_ready{.id = id, .readable = true});
  e->target_generation = receiver.generation.load_relaxed();  // the running task's own
  e->sender = &receiver;                                      // whom to post it to
  return e;
}

}  // namespace

socket_ptr socket::open(int descriptor, std::uint32_t turn) {
  socket* s = nullptr;
  try {
    s = take_slot();
    s->is_claimed_ = claim(descriptor);
  } catch (...) {
    if (s != nullptr) give_slot(*s);
    ::close(descriptor);
    throw;
  }
  s->life.store_release(s->life.load_relaxed() + 1);  // ours alone
  s->descriptor = descriptor;
  s->id = socket_id::make();
  s->turn_ = turn;
  s->lasting_news.store_relaxed(false);
  s->input.reset(true);
  s->output.reset(true);
  s->notice_.reset(true);
  s->is_placed_ = false;
  s->is_stream.store_relaxed(false);
  s->is_pipe = s->short_read_drains = false;
  s->has_limits_.store_relaxed(false);  // ours alone, as above
  s->limits_.reset();
  return socket_ptr(s);
}

void socket_closer::operator()(socket* s) const noexcept { s->close(); }

void socket::close() noexcept {
  life.store_release(life.load_relaxed() + 1);  // events under way are for the past from here on
  {
    // First, so that nobody moves to another edge_set what the descriptor may stand for next.
    const std::scoped_lock hold(watching_);
    if (watcher_ != nullptr) watcher_->remove(*this, false);
    watcher_.reset();
    home_ = nullptr;
  }
  const int closed = std::exchange(descriptor, -1);
  if (is_claimed_) {  // which also ends the watch
    close_descriptor(closed);
  } else {
    ::close(closed);
  }
  // Nobody waits: that is the owner's promise. What matters here is that the reporter is through.
  for (readiness* r : {&input, &output, &notice_}) {
    if (troupe::detail::envelope* const e = r->withdraw_any()) troupe::detail::discard_envelope(*e);
  }
  give_slot(*this);
}

void socket::report(event_source& source, news n) noexcept {
  auto& s = static_cast<socket&>(source);
  if (n.lasting) s.lasting_news.store_relaxed(true);  // published by [edge]
  if (n.readable) {
    end_wait(s.input);
    report_to_owner(s.notice_);
  }
  if (n.writable && !s.output.is_ready()) end_wait(s.output);
}

std::error_code socket::watch(const task& self) {
  troupe::detail::scheduler* const home = self.home.load_relaxed();  // the running task's own
  const std::scoped_lock hold(watching_);
  if (home_ == home && !watcher_->is_retired())
    return {};  // another system may have the same address
  troupe::detail::worker* w = troupe::detail::this_worker();
  if (turn_ != any_turn) w = &home->worker_at(turn_ % home->worker_count());
  if (w == nullptr) w = &home->next_worker();  // the behavior goes on without one
  return change_watcher(*w, home);
}

std::error_code socket::change_watcher(troupe::detail::worker& to,
                                       const troupe::detail::scheduler* home) {
  const std::shared_ptr<edge_set>& edges = reactor::of(to).edges();
  if (edges == watcher_) return {};
  // In this order: it is watched all the time, and may be reported twice.
  const std::error_code error = edges->add(*this);
  if (error) return error;
  if (watcher_ != nullptr) watcher_->remove(*this, true);
  watcher_ = edges;
  home_ = home;
  to.call_watch();
  return {};
}

std::error_code socket::move_to(const task& self, std::uint32_t worker) {
  troupe::detail::scheduler* const home = self.home.load_relaxed();  // the running task's own
  if (worker >= home->worker_count()) {
    throw std::out_of_range("troupe: move_to(" + std::to_string(worker) + "): the system has " +
                            std::to_string(home->worker_count()) + " workers");
  }
  const std::scoped_lock hold(watching_);
  if (home_ == home && !watcher_->is_retired()) {
    if (const std::error_code error = change_watcher(home->worker_at(worker), home)) return error;
  }
  turn_ = worker;
  is_placed_ = true;
  return {};
}

void socket::place() noexcept {
  const std::scoped_lock hold(watching_);
  is_placed_ = true;
}

bool socket::try_move(const edge_set& from, troupe::detail::worker& to) noexcept {
  if (!watching_.try_lock()) return false;
  const std::scoped_lock hold(std::adopt_lock, watching_);
  return watcher_.get() == &from && !is_placed_ && !change_watcher(to, home_);
}

bool socket::is_watched() noexcept {
  const std::scoped_lock hold(watching_);
  return watcher_ != nullptr && !watcher_->is_retired();
}

void socket::request_notice(task& receiver, bool has_more) {
  throw_if(watch(receiver), "troupe: notify_readable");
  envelope_ptr e(notice_.withdraw_any());
  const bool same = e != nullptr && e->sender == &receiver &&
                    e->target_generation == receiver.generation.load_relaxed();  // its own
  if (!same) e = make_ready_notice(receiver, id);
  do {
    notice_.clear();
    // What comes from here on is reported to notice_, and what came before to input as well.
    if (has_more || (input.is_ready() && !peek(descriptor).would_block())) {
      e->sender = nullptr;
      troupe::detail::post_control(receiver, *e.release());
      return;
    }
  } while (notice_.park(*e) != readiness::state::idle);
  static_cast<void>(e.release());  // notice_'s now
}

}  // namespace troupe::io::detail
