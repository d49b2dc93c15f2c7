// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <troupe/troupe.hpp>

#include <cstdio>

struct inc {};
struct get {};

struct counter : troupe::actor<void(inc), int(get)> {
  int n = 0;
  void on(inc) { ++n; }
  int on(get) { return n; }
};

int main() {
  if (troupe::library_version() != troupe::version_text) {
    std::puts("headers and library are of different versions");
    return 1;
  }
  troupe::system sys;
  const auto c = sys.spawn<counter>();
  c.send(inc{});
  c.send(inc{});
  const int n = sys.ask(c, get{});
  std::printf("counted %d\n", n);
  return n == 2 ? 0 : 1;
}
