// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/post.hpp>
#include <troupe/actors/internal/activation.hpp>
#include <troupe/actors/internal/system_core.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <unordered_set>
#include <utility>

namespace troupe::detail {

/// The watchers of an actor that has many: tells whether one of them is known already.
struct watcher_index {
  using watcher = std::pair<const task*, std::uint32_t>;  ///< and its life
  struct hash {
    std::size_t operator()(const watcher& w) const noexcept {
      return std::hash<const task*>()(w.first) ^ (std::size_t{w.second} << 32);
    }
  };
  std::unordered_set<watcher, hash> known;
};

extras::extras() noexcept = default;
extras::~extras() = default;

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

bool answers_a_wait(const envelope& e) noexcept {
  switch (e.kind) {
    case envelope_kind::exit:
    case envelope_kind::monitor:
    case envelope_kind::demonitor:
    case envelope_kind::notice:
      return false;
    default:
      return true;
  }
}

bool same_sender(const envelope& a, const envelope& b) noexcept {
  return a.sender == b.sender && a.sender_generation == b.sender_generation;
}

bool has_ended(const envelope& watcher) noexcept {
  const auto& block = static_cast<const control_block&>(*watcher.sender);
  return block.generation.load_acquire() != watcher.sender_generation;  // a hint; as for alive()
}

watcher_index::watcher watcher_of(const envelope& e) noexcept {
  return {e.sender, e.sender_generation};
}

/// Without memory for it, the list has to do.
void note_in_index(extras& x, const envelope& newest) noexcept {
  constexpr std::size_t few = 32;  // arbitrary: a walk of a microsecond
  try {
    if (x.index != nullptr) {
      x.index->known.insert(watcher_of(newest));
    } else if (x.watcher_count > few) {
      auto fresh = std::make_unique<watcher_index>();
      for (const envelope* w = x.first_watcher; w != nullptr; w = next_in(*w)) {
        fresh->known.insert(watcher_of(*w));
      }
      x.index = std::move(fresh);
    }
  } catch (const std::bad_alloc&) {
    x.index.reset();
  }
}

template <class Predicate>
void drop_watchers(extras& x, Predicate drops) {
  envelope* left = std::exchange(x.first_watcher, nullptr);
  envelope* last = std::exchange(x.last_watcher, nullptr);
  while (envelope* const w = pop(left, last)) {
    if (drops(*w)) {
      --x.watcher_count;
      if (x.index != nullptr) x.index->known.erase(watcher_of(*w));
      discard_envelope(*w);
    } else {
      append(x.first_watcher, x.last_watcher, *w);
    }
  }
}

bool is_watched_by_sender(const extras& x, const envelope& e) noexcept {
  if (x.index != nullptr) return x.index->known.contains(watcher_of(e));
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
  note_in_index(x, e);
}

void take_demonitor(control_block& b, envelope& e) {
  extras* const x = b.more.load_relaxed();  // the owner's
  if (x != nullptr && is_watched_by_sender(*x, e)) {
    drop_watchers(*x, [&e](const envelope& w) { return same_sender(w, e); });
  }
  discard_envelope(e);
}

/// While an actor ends, its generation is over already, but who watches it may still change.
/// Between two lives there is nobody but who may wait in on_dead_letter.
bool is_for_this_life(const control_block& b, const envelope& e) noexcept {
  const std::uint32_t present = b.generation.load_relaxed();  // own
  if (present % 2 != 0) return e.target_generation == present;
  if (e.target_generation == present) return answers_a_wait(e);
  return b.end_requested && e.target_generation == present - 1;
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
