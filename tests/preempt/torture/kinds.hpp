// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace troupe::torture {

class stage;
class toiler;

/// A kind of work. Each piece checks its own result, and throws wrong_answer.
struct kind {
  const char* name;
  int weight;  ///< how often it is chosen, relative to the others
  void (*work)(toiler&);
  /// Before the first piece, when there is no system yet.
  void (*begin)() = nullptr;
  /// When the system is gone: checks what can be checked only now.
  void (*end)(stage&) = nullptr;
};

std::span<const kind> kinds();

/// The indices of the kinds in the comma list `names` (empty: of all that the build's sanitizer can
/// do) but for those in `without` and those that the machine cannot do, each as often as its weight
/// says. Throws std::invalid_argument; for a name that is none, with the list of those there are.
std::vector<std::size_t> choose_kinds(const std::string& names, const std::string& without);

}  // namespace troupe::torture
