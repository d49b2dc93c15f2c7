// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/outside_handler.hpp>

#include <algorithm>

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

bool outside_handlers::add(std::unique_ptr<outside_handler>& handler) {
  const std::scoped_lock hold(mutex_);
  if (closed_) return false;
  handlers_.push_back(std::move(handler));
  return true;
}

std::unique_ptr<outside_handler> outside_handlers::remove(const outside_handler* handler) noexcept {
  const auto same = [handler](const auto& each) { return each.get() == handler; };
  const auto at = std::find_if(handlers_.begin(), handlers_.end(), same);
  if (at == handlers_.end()) return nullptr;
  std::unique_ptr<outside_handler> found = std::exchange(*at, nullptr);
  std::swap(*at, handlers_.back());
  handlers_.pop_back();
  return found;
}

void outside_handlers::close() noexcept {
  std::vector<std::unique_ptr<outside_handler>> dropped;  // destroyed after the lock is left
  const std::scoped_lock hold(mutex_);
  closed_ = true;
  dropped.swap(handlers_);
}

}  // namespace troupe::detail
