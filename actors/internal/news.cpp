// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>

#include <memory>
#include <utility>

namespace troupe::detail {
namespace {

void take_answer(task& t, envelope& e) {
  if (e.request_id == t.awaited && t.answer == nullptr) {
    t.answer = &e;
    return;
  }
  if (e.kind == envelope_kind::reply && t.is_actor) {
    drop_message(static_cast<control_block&>(t), e, dead_letter::cause::late_answer);
    return;
  }
  discard_envelope(e);
}

bool same_sender(const envelope& a, const envelope& b) noexcept {
  return a.sender == b.sender && a.sender_generation == b.sender_generation;
}

bool has_ended(const envelope& watcher) noexcept {
  const auto& block = static_cast<const control_block&>(*watcher.sender);
  return block.generation.load_acquire() != watcher.sender_generation;  // a hint; as for alive()
}

template <class Predicate>
void drop_watchers(extras& x, Predicate drops) {
  envelope* left = std::exchange(x.first_watcher, nullptr);
  envelope* last = std::exchange(x.last_watcher, nullptr);
  while (envelope* const w = pop(left, last)) {
    if (drops(*w)) {
      --x.watcher_count;
      discard_envelope(*w);
    } else {
      append(x.first_watcher, x.last_watcher, *w);
    }
  }
}

bool is_watched_by_sender(const extras& x, const envelope& e) noexcept {
  for (const envelope* w = x.first_watcher; w != nullptr; w = next_in(*w)) {
    if (same_sender(*w, e)) return true;
  }
  return false;
}

void take_monitor(control_block& b, envelope& e) {
  extras& x = b.get_extras(e.as<std::unique_ptr<extras>>());
  destroy_payload(e);  // room that others had brought already
  if (is_watched_by_sender(x, e)) {
    discard_envelope(e);
    return;
  }
  if (x.watcher_count >= x.most_watchers) {
    drop_watchers(x, &has_ended);
    x.most_watchers = 2 * x.watcher_count + 4;
  }
  append(x.first_watcher, x.last_watcher, e);
  ++x.watcher_count;
}

void take_demonitor(control_block& b, envelope& e) {
  if (extras* const x = b.more.load_relaxed()) {  // the owner's
    drop_watchers(*x, [&e](const envelope& w) { return same_sender(w, e); });
  }
  discard_envelope(e);
}

/// While an actor ends, its generation is over already, but who watches it may still change.
bool is_for_this_life(const control_block& b, const envelope& e) noexcept {
  const std::uint32_t present = b.generation.load_relaxed();  // own
  const bool ends = present % 2 == 0 && b.end_requested;
  return e.target_generation == present || (ends && e.target_generation == present - 1);
}

void take_one(task& t, envelope& e) {
  auto& b = static_cast<control_block&>(t);
  if (!is_for_this_life(b, e)) {
    drop_stale_control(b, e);
    return;
  }
  switch (e.kind) {
    case envelope_kind::exit:
      request_end(b, e.as<exit_reason>());
      discard_envelope(e);
      return;
    case envelope_kind::monitor:
      take_monitor(b, e);
      return;
    case envelope_kind::demonitor:
      take_demonitor(b, e);
      return;
    case envelope_kind::notice:
      append(b.news_first, b.news_last, e);
      return;
    default:
      take_answer(t, e);
      return;
  }
}

void take_each(task& t, void (*take)(task&, envelope&)) {
  queue_node* node = t.control.take_all();
  while (node != nullptr) {
    queue_node* const next = node->next.load_relaxed();  // private list
    take(t, static_cast<envelope&>(*node));
    node = next;
  }
}

}  // namespace

void take_news(task& t) { take_each(t, &take_one); }

void take_answers(task& t) { take_each(t, &take_answer); }

void drop_stale_control(control_block& receiver, envelope& e) {
  if (e.kind == envelope_kind::monitor) {
    post_down(e, receiver, e.target_generation, exit_reason::kind::unknown);
    return;
  }
  if (e.kind == envelope_kind::reply) {
    drop_message(receiver, e, dead_letter::cause::late_answer);
    return;
  }
  discard_envelope(e);
}

}  // namespace troupe::detail
