// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/io/internal/local_address.hpp>

#include <troupe/base/internal/text.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe::io::detail {
namespace {

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

local_address::local_address(const std::string& path, std::error_code& error) noexcept {
  error.clear();
  address_.sun_family = AF_UNIX;
  if (path.empty() || troupe::detail::has_zero_byte(path)) {
    error = std::make_error_code(std::errc::invalid_argument);
  } else if (path.size() > longest_path) {
    error = std::make_error_code(std::errc::filename_too_long);
  } else {
    path.copy(address_.sun_path, path.size());
  }
}

bool local_address::is_stale(int type) const noexcept {
  struct stat about;
  if (::lstat(address_.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
  const outcome probe = make_socket(AF_UNIX, type);
  if (probe.failed()) return false;
  const auto descriptor = static_cast<int>(probe.number);
  const bool is_refused = connect(descriptor, ref()).error == ECONNREFUSED;
  ::close(descriptor);
  return is_refused;
}

void local_address::remove() const noexcept { ::unlink(address_.sun_path); }

std::string path_of(const sockaddr_storage& address, socklen_t size) {
  constexpr std::size_t begin = offsetof(sockaddr_un, sun_path);
  if (size <= begin) return {};
  const auto* const bytes = reinterpret_cast<const char*>(&address) + begin;
  return {bytes, ::strnlen(bytes, size - begin)};
}

std::string local_failure_text(const char* what, const std::string& path,
                               const std::error_code& error) {
  std::string text =
      "troupe: cannot " + std::string(what) + " \"" + troupe::detail::shown(path) + "\"";
  if (error == std::errc::filename_too_long) {
    text += " (" + std::to_string(path.size()) + " bytes, at most " + std::to_string(longest_path) +
            ")";
  }
  return text;
}

}  // namespace troupe::io::detail
