// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/lookup.hpp>

#include <troupe/io/internal/host.hpp>
#include <troupe/io/internal/lookup_threads.hpp>

#include <memory>
#include <utility>

namespace troupe::io::detail {
namespace {

/// A lookup for as long as the behavior waits for it.
class awaited_lookup {
 public:
  awaited_lookup(const std::string& host, const std::string& port, std::error_code& error)
      : lookup_(std::make_shared<lookup>(host, port)) {
    error = lookup_threads::all().begin(lookup_);
  }
  ~awaited_lookup() { lookup_threads::all().forget(*lookup_); }
  awaited_lookup(const awaited_lookup&) = delete;
  awaited_lookup& operator=(const awaited_lookup&) = delete;

  lookup* operator->() const noexcept { return lookup_.get(); }

 private:
  const std::shared_ptr<lookup> lookup_;
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

  const awaited_lookup begun(host, std::to_string(port), error);
  while (!error && begun->done.clear() == readiness::state::idle) {
    error = await_ready(begun->done, self, limit.deadline_ns());
  }
  if (!error) error = begun->error;
  return error ? std::vector<endpoint>() : std::move(begun->found);
}

}  // namespace troupe::io::detail
