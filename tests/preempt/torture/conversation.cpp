// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace troupe::torture {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

void send(toiler& t) {
  for (std::uint64_t n = 1 + t.up_to(2); n > 0; --n) t.send_parcel();
  if (t.one_in(4)) {
    ++t.ticks_expected;
    static_cast<void>(
        t.self.send_after(std::chrono::microseconds(t.up_to(3'000)), t.self.ref(), tick{}));
  }
  if (t.one_in(8)) t.self.yield();
}

void ask(toiler& t) {
  const auto& asked = t.shared.partners[t.up_to(t.shared.partners.size() - 1)];
  const question q{t.number(), t.one_in(4)};
  if (!t.one_in(4)) {
    check(t.self.ask(asked, q) == answer_to(q.n), "the answer to a question is wrong");
    return;
  }
  std::error_code error;
  const auto answer = t.self.ask(asked, q, std::chrono::microseconds(t.up_to(2'000)), error);
  if (answer) {
    check(*answer == answer_to(q.n), "the answer to a question in time is wrong");
  } else {
    check(error == errc::timeout, "a question failed otherwise than by its time");
  }
}

void receive(toiler& t) {
  const std::chrono::microseconds wait(t.up_to(2'000));
  const auto begun = steady_clock::now();
  switch (t.up_to(2)) {
    case 0:
      check(!t.self.receive([](never) {}, after(wait)), "something came that nobody sent");
      break;
    case 1: {
      // Everything that waits is looked at and left where it is.
      const auto none = [](const parcel&) {
        labor(200);
        return false;
      };
      const bool came = t.self.receive(when(none, [](const parcel&) {}), after(wait));
      check(!came, "a message was taken that no case wants");
      break;
    }
    default:
      if (t.take_within(wait)) return;
  }
  check(steady_clock::now() - begun >= wait, "a wait ended too early");
}

void section(toiler& t) {
  const auto thread = std::this_thread::get_id();
  bool refused = false;
  {
    const no_preempt outer;
    labor(t.up_to(2'000));
    {
      const no_preempt inner;
      labor(t.up_to(500));
    }
    try {
      t.self.sleep_for(1ms);
    } catch (const std::logic_error&) {
      refused = true;
    }
    labor(t.up_to(500));
  }
  check(thread == std::this_thread::get_id(), "the thread has changed");
  check(refused, "it was possible to wait within no_preempt");
}

}  // namespace troupe::torture
