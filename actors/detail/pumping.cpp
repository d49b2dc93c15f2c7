// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/detail/pumping.hpp>

#include <troupe/actors/detail/control_block.hpp>
#include <troupe/base/error.hpp>
#include <troupe/mailbox/detail/bounded_lane.hpp>

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe::detail {
namespace {

/// What a message without bytes counts: a peer may send any number of empty ones.
constexpr std::size_t message_size = 128;  // about its memory

constinit atomic<std::uint64_t> last_id{0};

}  // namespace

unhandled_share::unhandled_share(std::shared_ptr<unhandled_bytes> of, std::size_t bytes) noexcept
    : of_(std::move(of)), counted_(bytes + message_size) {
  of_->add(counted_);
}

unhandled_share::~unhandled_share() {
  if (of_ != nullptr) of_->remove(counted_);
}

void unhandled_bytes::remove(std::size_t bytes) noexcept {
  const std::size_t before = count_.fetch_sub_relaxed(bytes);
  if (before < limit_ || before - bytes >= limit_) return;
  try {
    pump_.send(pump_on{});
  } catch (const std::exception&) {  // no memory for the message: read_more also lets it go on
  }
}

std::error_code closing_error() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return std::make_error_code(std::errc::not_enough_memory);
  } catch (const std::system_error& e) {
    if (e.code() == errc::mailbox_full) throw;
    return e.code();
  }
}

stream_id next_stream_id() noexcept {
  return static_cast<stream_id>(last_id.fetch_add_relaxed(1) + 1);  // only to be unique
}

void check_active_owner(const any_ref& owner) {
  require_actor(owner.block());
  bounded_lane* const lane = owner.block()->lane.load_acquire();  // pairs with claim_block
  if (lane == nullptr || !lane->drops(owner.generation())) return;
  throw std::logic_error(
      "troupe: activate() for an owner whose mailbox drops messages (overflow::drop_newest or "
      "drop_oldest): use overflow::suspend or fail, or no bound but max_unhandled");
}

void check_active_option(const char* options, const char* field, std::size_t value) {
  if (value != 0) return;
  throw std::invalid_argument(std::string("troupe: ") + options + "::" + field +
                              " = 0 is not at least 1");
}

}  // namespace troupe::detail
