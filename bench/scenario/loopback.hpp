// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstdint>
#include <utility>

namespace troupe::bench {

/// A file descriptor, closed at the end.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor();

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

/// A plain blocking connection to a port of this machine, without Nagle's delay. It comes from the
/// address 127.0.0.`source`: who closes many of them runs out of ports for one address, because
/// those closed last are not used again for a minute.
[[nodiscard]] descriptor connect_to_port(std::uint16_t port, std::uint8_t source = 1);

/// Lets this process open so many descriptors, as far as its hard limit goes; else throws a
/// std::runtime_error that names the limit.
void allow_descriptors(std::uint64_t count);

}  // namespace troupe::bench
