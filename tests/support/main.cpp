// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace {

pid_t tester = 0;
bool all_ran = false;

/// A test that ends the program would keep those behind it from being run, and nobody would know.
void refuse_early_end() {
  if (::getpid() != tester || all_ran || testing::internal::InDeathTestChild()) return;
  std::fputs("a test has ended the program\n", stderr);
  std::_Exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  troupe::test::detail::install_seed_printer();
  tester = ::getpid();
  std::atexit(refuse_early_end);
  const int result = RUN_ALL_TESTS();
  all_ran = true;
  return result;
}
