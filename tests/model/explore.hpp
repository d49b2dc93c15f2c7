// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#pragma once

// How the model checks run. A model is a class derived from rl::test_suite<Model, threads> that
// builds its objects in members or before(), does the work of each thread in thread(), and says in
// require()s, there and in after(), what must hold. Relacy runs it once per schedule.
//
// A model must be deterministic. Plain data that the protocol under test hands from thread to
// thread is kept in detail::plain<T>, so that a missing order shows as a data race.

#include <troupe/base/atomic.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>

namespace troupe::model {

/// Which schedules to run. Their kind is a type, so that a model is compiled for those kinds only
/// that it is explored by: that is most of what the compiler has to do here.
template <template <rl::thread_id_t> class Scheduler>
struct search {
  rl::scheduler_type_e kind;  // the same to Relacy's context, which asks for it
  unsigned switches;
  rl::iteration_t iterations;
};

/// All of them.
constexpr search<rl::full_search_scheduler> every_schedule() { return {rl::sched_full, 0, 0}; }
/// Whether to search long: script/nightly says so.
inline bool is_night() { return std::getenv("TROUPE_NIGHTLY") != nullptr; }
/// All with at most so many switches away from a thread that could go on.
constexpr search<rl::context_bound_scheduler> up_to_switches(unsigned count) {
  return {rl::sched_bound, count, 0};
}
/// As many as the suite has time for, and one more by night.
inline search<rl::context_bound_scheduler> at_least_up_to_switches(unsigned count) {
  return up_to_switches(is_night() ? count + 1 : count);
}
/// So many, the same in each run of the test; by night a hundred times as many.
inline search<rl::random_scheduler> random_schedules(rl::iteration_t count) {
  return {rl::sched_random, 0, is_night() ? 100 * count : count};
}

struct outcome {
  rl::test_result_e result;
  rl::iteration_t schedules;  ///< run until the end or the first failure
  std::string story;          ///< of a failure: what each thread did

  bool holds() const { return result == rl::test_result_success; }
};

/// Keeps the beginning of what is written to it, and never allocates: while Relacy runs, the heap
/// is the model's.
class story_buffer : public std::streambuf {
 public:
  story_buffer() { setp(text_.data(), text_.data() + text_.size()); }
  std::string text() const { return std::string(pbase(), pptr()); }

 private:
  int_type overflow(int_type c) override { return traits_type::not_eof(c); }

  std::array<char, 64 * 1024> text_{};
};

/// As rl::simulate(), which would compile each model for every kind of schedule there is.
template <class Model, template <rl::thread_id_t> class Scheduler>
outcome explore(search<Scheduler> how) {
  constexpr auto run = &rl::run_test<Model, Scheduler<Model::params::thread_count>>;
  const auto buffer = std::make_unique<story_buffer>();
  std::ostream story(buffer.get());
  std::ostream progress(nullptr);
  rl::test_params params;
  params.search_type = how.kind;
  params.context_bound = how.switches;
  params.iteration_count = how.iterations;
  params.execution_depth_limit = 2000;
  params.output_stream = &story;
  params.progress_stream = &progress;
  rl::ostringstream state;
  const rl::test_result_e result = run(params, state, false);
  if (result != rl::test_result_success) {
    // The schedule that failed once more, for the story.
    params.initial_state = state.str();
    params.collect_history = true;
    run(params, state, true);
  }
  return {result, params.stop_iteration, buffer->text()};
}

/// For EXPECT_TRUE: whether the model holds in every schedule.
template <class Model, template <rl::thread_id_t> class Scheduler>
testing::AssertionResult holds(search<Scheduler> how) {
  const outcome seen = explore<Model>(how);
  testing::Test::RecordProperty("schedules", std::to_string(seen.schedules));
  if (seen.holds()) return testing::AssertionSuccess() << seen.schedules << " schedules";
  return testing::AssertionFailure() << seen.story;
}

/// For EXPECT_TRUE: whether a model that is wrong on purpose is found out.
template <class Model, template <rl::thread_id_t> class Scheduler>
testing::AssertionResult fails(search<Scheduler> how) {
  const outcome seen = explore<Model>(how);
  if (!seen.holds()) {
    return testing::AssertionSuccess()
           << rl::test_result_str(seen.result) << " in schedule " << seen.schedules;
  }
  return testing::AssertionFailure() << "held in all of " << seen.schedules << " schedules";
}

/// What must hold in a model.
inline void require(bool condition, const char* what,
                    detail::access_site at = detail::access_site::here()) {
  if (!condition) rl::ctx().fail_test(what, rl::test_result_user_assert_failed, at.info());
}

}  // namespace troupe::model
