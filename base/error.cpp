// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/base/error.hpp>

#include <string>

namespace troupe {
namespace {

const char* sentence(errc code) noexcept {
  switch (code) {
    case errc::timeout:
      return "the deadline passed before the operation completed";
    case errc::actor_down:
      return "the actor has ended";
    case errc::actor_failed:
      return "the actor failed while it handled the request";
    case errc::no_handler:
      return "the actor has no handler for this message";
    case errc::no_answer:
      return "the actor handled the request without the expected kind of answer";
    case errc::self_ask:
      return "an actor that asks itself would wait forever";
    case errc::stopping:
      return "the system is shutting down";
    case errc::mailbox_full:
      return "the actor's bounded mailbox is full";
    case errc::end_of_stream:
      return "the peer closed the connection before all bytes came";
    case errc::too_long:
      return "the delimiter did not come within the limit";
    case errc::released:
      return "the descriptor is no longer watched, and is open";
  }
  return "unknown troupe error";
}

class troupe_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "troupe"; }
  std::string message(int code) const override { return sentence(static_cast<errc>(code)); }
  std::error_condition default_error_condition(int code) const noexcept override {
    if (static_cast<errc>(code) == errc::timeout) return std::errc::timed_out;
    return {code, *this};
  }
};

}  // namespace

const std::error_category& category() noexcept {
  static const troupe_category instance;
  return instance;
}

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

}  // namespace troupe
