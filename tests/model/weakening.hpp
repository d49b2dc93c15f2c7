// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// Whether the models would notice: each access of a header is given every weaker order in turn.

#include <model/explore.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// One access in the code under test, made weaker than it is written.
struct weakening {
  detail::access_site site;
  const char* method;
  rl::memory_order order;
  std::string text;  ///< "function: method as order", with #n where a function has several such
};

/// Notes the accesses that the models make while it lives.
class access_recorder {
 public:
  access_recorder();
  ~access_recorder();
  access_recorder(const access_recorder&) = delete;
  access_recorder& operator=(const access_recorder&) = delete;

  /// Every weaker order of every access seen in the files whose path ends so, in the order of the
  /// lines.
  std::vector<weakening> weakenings(std::string_view file) const;
};

/// Makes one access weaker while it lives.
class weakened_access {
 public:
  explicit weakened_access(const weakening& which);
  ~weakened_access();
  weakened_access(const weakened_access&) = delete;
  weakened_access& operator=(const weakened_access&) = delete;
};

using texts = std::set<std::string>;

/// The weakenings of `file` that none of the models notices. All must hold without a weakening.
template <class... Models, template <rl::thread_id_t> class Scheduler>
texts unnoticed_weakenings(std::string_view file, search<Scheduler> how) {
  std::vector<weakening> all;
  {
    const access_recorder recorder;
    const bool sound = (explore<Models>(how).holds() && ...);
    EXPECT_TRUE(sound) << "a model fails without a weakening";
    all = recorder.weakenings(file);
  }
  EXPECT_FALSE(all.empty()) << "no access in " << file;
  texts unnoticed;
  for (const weakening& each : all) {
    const weakened_access active(each);
    if ((explore<Models>(how).holds() && ...)) unnoticed.insert(each.text);
  }
  return unnoticed;
}

}  // namespace troupe::model
