// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/actors/file.hpp>

#include <troupe/base/internal/text.hpp>
#include <troupe/preempt/blocking.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace troupe {
namespace {

[[noreturn]] void throw_errno(const char* call, const std::string& path) {
  throw std::system_error(errno, std::generic_category(),
                          "troupe: " + std::string(call) + " '" + detail::shown(path) + "'");
}

/// Makes a call until it is not interrupted.
template <class Call>
auto perform(Call call, const char* name, const std::string& path) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return result;
    if (errno != EINTR) throw_errno(name, path);
  }
}

/// The kernel would see another path.
const std::string& without_zero(const char* call, const std::string& path) {
  if (!detail::has_zero_byte(path)) return path;
  errno = EINVAL;
  throw_errno(call, path);
}

class open_file {
 public:
  open_file(const char* call, const std::string& path, int flags)
      : descriptor_(perform(
            [&] { return ::open(without_zero(call, path).c_str(), flags | O_CLOEXEC, 0666); }, call,
            path)) {}
  ~open_file() {
    if (descriptor_ != -1) ::close(descriptor_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  int descriptor() const noexcept { return descriptor_; }

  /// Where some file systems say that what was written could not be kept.
  void close(const char* call, const std::string& path) {
    // Interrupted or not, Linux has closed it.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) throw_errno(call, path);
  }

 private:
  int descriptor_;
};

/// Both run on one thread from begin to end, so errno is safe.
std::string read_now(const std::string& path, std::size_t max) {
  constexpr const char* name = "read_file";
  constexpr std::size_t chunk = std::size_t{64} * 1024;  // arbitrary
  const open_file file(name, path, O_RDONLY);
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + std::min(chunk, max - before) + 1);  // one too many is noticed
    const auto got = static_cast<std::size_t>(perform(
        [&] { return ::read(file.descriptor(), &content[before], content.size() - before); }, name,
        path));
    content.resize(before + got);
    if (got == 0) return content;
    if (content.size() > max) {
      errno = EFBIG;
      throw_errno(name, path);
    }
  }
}

void write_now(const std::string& path, std::span<const std::byte> data) {
  constexpr const char* name = "write_file";
  open_file file(name, path, O_WRONLY | O_CREAT | O_TRUNC);
  while (!data.empty()) {
    const auto written = static_cast<std::size_t>(
        perform([&] { return ::write(file.descriptor(), data.data(), data.size()); }, name, path));
    data = data.subspan(written);
  }
  file.close(name, path);
}

}  // namespace

std::string read_file(const std::string& path, std::size_t max) {
  return blocking([&] { return read_now(path, max); });
}

void write_file(const std::string& path, std::span<const std::byte> data) {
  blocking([&] { write_now(path, data); });
}

}  // namespace troupe
