// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/lookup.hpp>

#include <troupe/base/section.hpp>
#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/reactor.hpp>
#include <troupe/scheduler/detail/schedule.hpp>
#include <troupe/scheduler/internal/carrier.hpp>

#include <asio/ip/tcp.hpp>

#include <memory>
#include <utility>

namespace troupe::io::detail {
namespace {

using asio::ip::tcp;
using troupe::detail::section;

/// What a behavior and its lookup share: the behavior may leave at any moment, whereas the lookup,
/// once it has begun, ends when the system's resolver says so.
struct lookup {
  explicit lookup(asio::io_context& context) : resolver(context) {}

  tcp::resolver resolver;
  readiness done;
  // Written before `done` is reported.
  std::error_code error;
  tcp::resolver::results_type found;
};

/// Runs on the worker where the lookup was begun, in a section.
class lookup_handler {
 public:
  lookup_handler(std::shared_ptr<lookup> target, asio_use use) noexcept
      : target_(std::move(target)), use_(std::move(use)) {}

  void operator()(const std::error_code& error, tcp::resolver::results_type found) noexcept {
    target_->error = error;
    target_->found = std::move(found);
    end_wait(target_->done);
  }

 private:
  std::shared_ptr<lookup> target_;
  asio_use use_;
};

/// Starts the lookup on the calling worker's io_context.
std::shared_ptr<lookup> start(const std::string& host, const std::string& port) {
  const troupe::detail::section_across_switch worker;  // and rule R2: Asio's locks
  asio_use use(reactor::of(*troupe::detail::this_worker()));
  auto started = std::make_shared<lookup>(use.context());
  started->resolver.async_resolve(host, port, tcp::resolver::numeric_service,
                                  lookup_handler(started, std::move(use)));
  return started;
}

/// Tells a lookup, when the behavior leaves, that nobody is interested any more: one that has not
/// begun yet then never does.
class interest {
 public:
  explicit interest(lookup& in) noexcept : lookup_(in) {}
  ~interest() {
    const section guard;
    lookup_.resolver.cancel();
  }
  interest(const interest&) = delete;
  interest& operator=(const interest&) = delete;

 private:
  lookup& lookup_;
};

}  // namespace

std::vector<endpoint> look_up(const std::string& host, std::uint16_t port,
                              troupe::detail::task& self, time_limit& limit,
                              std::error_code& error) {
  std::error_code not_numeric;
  const auto address = parse_address(host, not_numeric);
  if (!not_numeric) return {endpoint(address, port)};
  if (!is_host(host)) {
    error = std::make_error_code(std::errc::invalid_argument);
    return {};
  }

  const std::shared_ptr<lookup> started = start(host, std::to_string(port));
  {
    const interest held(*started);
    while (!error && started->done.clear() == readiness::state::idle) {
      error = await_ready(started->done, self, limit.deadline_ns());
    }
  }
  if (!error) error = started->error;
  std::vector<endpoint> found;
  if (!error) {
    for (const auto& entry : started->found) found.push_back(entry.endpoint());
  }
  return found;
}

}  // namespace troupe::io::detail
