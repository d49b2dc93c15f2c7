// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/outside_handler.hpp>

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>

namespace troupe::detail {
namespace {

/// Tells the handlers of a context of its end.
class end_notice final : public asio::execution_context::service {
 public:
  using key_type = end_notice;
  static inline asio::execution_context::id id;

  explicit end_notice(asio::execution_context& context) : service(context) {}
  const std::shared_ptr<outside_handlers>& handlers() const noexcept { return handlers_; }

 private:
  void shutdown() noexcept override { handlers_->close(); }

  std::shared_ptr<outside_handlers> handlers_ = std::make_shared<outside_handlers>();
};

}  // namespace

std::shared_ptr<outside_handlers> outside_handlers::of(asio::execution_context& context) {
  return asio::use_service<end_notice>(context).handlers();
}

bool outside_handlers::add(std::shared_ptr<outside_handler> handler) {
  const std::scoped_lock hold(mutex_);
  if (closed_) return false;
  handlers_.push_back(std::move(handler));
  return true;
}

outside_handlers::handler_list::iterator outside_handlers::find(
    const outside_handler* handler) noexcept {
  const auto same = [handler](const auto& each) { return each.get() == handler; };
  return std::find_if(handlers_.begin(), handlers_.end(), same);
}

void outside_handlers::post(const outside_handler* handler) noexcept {
  // No memory to post with: others must end first.
  while (!try_post(handler)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// False: memory has run out.
bool outside_handlers::try_post(const outside_handler* handler) noexcept {
  const std::scoped_lock hold(mutex_);
  const auto at = find(handler);
  if (at == handlers_.end()) return true;  // nobody waits any more
  // Goes before the lock is left, with the executor that it may be the last to own: once close()
  // has passed, there is no context for that.
  const std::shared_ptr<outside_handler> owned = *at;
  try {
    owned->post(owned);
  } catch (const std::bad_alloc&) {
    return false;
  } catch (...) {  // its executor does not take it: nobody can be told
  }
  std::swap(*at, handlers_.back());
  handlers_.pop_back();
  return true;
}

void outside_handlers::close() noexcept {
  handler_list dropped;  // destroyed after the lock is left
  const std::scoped_lock hold(mutex_);
  closed_ = true;
  dropped.swap(handlers_);
}

}  // namespace troupe::detail
