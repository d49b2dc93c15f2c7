// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
//
// Linked statically, the C library included: what a system says then, and that it does its work.
#include <troupe/troupe.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <unistd.h>

using namespace std::chrono_literals;

namespace {

int ends[2];
std::atomic<bool> told{false};

[[gnu::noinline]] void compute_without_end() {
  while (!told) asm volatile("");
}

/// One behavior sits in read(), one computes until it is reported; meanwhile nobody is frozen.
bool works() {
  told = false;
  troupe::system sys(
      {.workers = 1, .preempt = {.warn_after = 20ms, .on_long_behavior = [](const auto& b) {
                                   for (const std::string& frame : b.stack) {
                                     std::printf("%s\n", frame.c_str());
                                   }
                                   told = true;
                                 }}});
  sys.spawn([](troupe::context&) {
    char c = 0;
    while (::read(ends[0], &c, 1) != 1) {
    }
  });
  while (sys.preemption().unbinds == 0) std::this_thread::sleep_for(1ms);
  sys.spawn([](troupe::context&) { compute_without_end(); });
  sys.spawn([](troupe::context&) {
    while (::write(ends[1], "x", 1) != 1) {
    }
  });
  sys.await_actors();
  return sys.preemption().preemptions == 0;
}

}  // namespace

int main() {
  if (::pipe(ends) != 0) return 2;
  return works() && works() ? 0 : 1;
}
