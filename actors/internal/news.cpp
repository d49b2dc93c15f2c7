// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>

#include <algorithm>
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
  }
  discard_envelope(e);
}

bool same_watcher(const watcher& w, const envelope& e) noexcept {
  return w.block == e.sender && w.generation == e.sender_generation;
}

void take_monitor(control_block& b, envelope& e) {
  auto& watchers = b.get_extras().watchers;
  const auto same = [&e](const watcher& w) { return same_watcher(w, e); };
  if (std::none_of(watchers.begin(), watchers.end(), same)) {
    if (watchers.size() == watchers.capacity()) {
      std::erase_if(watchers, [](const watcher& w) {
        return w.block->generation.load_acquire() != w.generation;  // a hint; as for alive()
      });
      watchers.reserve(2 * watchers.size() + 4);
    }
    watchers.push_back({static_cast<control_block*>(e.sender), e.sender_generation});
  }
  discard_envelope(e);
}

void take_demonitor(control_block& b, envelope& e) {
  std::erase_if(b.get_extras().watchers, [&e](const watcher& w) { return same_watcher(w, e); });
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
    post_down({static_cast<control_block*>(e.sender), e.sender_generation}, receiver,
              e.target_generation, exit_reason::kind::unknown);
  } else if (e.kind == envelope_kind::reply) {
    drop_message(receiver, e, dead_letter::cause::late_answer);
  }
  discard_envelope(e);
}

}  // namespace troupe::detail
