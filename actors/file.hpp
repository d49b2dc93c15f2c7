// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace troupe {

/// The content of a file, read by blocking() calls: the worker goes on with others meanwhile. `max`
/// bounds it; what grows while it is read counts too. With preemption off, they hold the worker.
/// **Suspends** never: a behavior that is asked to end gets what it reads first. **From** anywhere
/// outside of no_preempt; on a plain thread it just reads. **Errors** std::system_error whose text
/// names the file; std::errc::file_too_large when it holds more than `max` bytes,
/// std::errc::invalid_argument when its path has a zero byte.
std::string read_file(const std::string& path, std::size_t max);

/// Makes `data` the content of a file, which is made if it does not exist. Not atomic: whoever
/// reads meanwhile sees a part.
/// **Suspends**, **From** and **Errors** as read_file(); also what the file system says only when
/// the file is closed.
void write_file(const std::string& path, std::span<const std::byte> data);
inline void write_file(const std::string& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace troupe
