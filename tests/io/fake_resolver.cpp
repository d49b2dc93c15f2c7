// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/fake_resolver.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <netdb.h>

namespace {

// Never destroyed: a lookup may still wait when the process ends.
auto& mutex = *new std::mutex;
auto& changed = *new std::condition_variable;
int slow = 0;     // slow_names that live
int waiting = 0;  // lookups that they hold up

using lookup = int(const char*, const char*, const addrinfo*, addrinfo**);

int real(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static auto* const next = reinterpret_cast<lookup*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(node, service, hints, result);
}

void wait_while_slow() {
  std::unique_lock hold(mutex);
  ++waiting;
  changed.notify_all();
  changed.wait(hold, [] { return slow == 0; });
  --waiting;
}

/// The addresses, in this order.
int addresses(const std::vector<std::string>& all, const char* service, const addrinfo* hints,
              addrinfo** result) {
  addrinfo** end = result;
  for (const std::string& each : all) {
    const int error = real(each.c_str(), service, hints, end);
    if (error != 0) return error;
    end = &(*end)->ai_next;
  }
  return 0;
}

std::vector<std::string> many() {
  std::vector<std::string> all;
  for (int i = 3; i <= 52; ++i) all.push_back("127.0.0." + std::to_string(i));
  all.emplace_back("127.0.0.1");
  return all;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  const std::string_view name = node != nullptr ? node : "";
  if (name == "none.test") return EAI_NONAME;
  if (name == "two.test") return addresses({"127.0.0.2", "127.0.0.1"}, service, hints, result);
  if (name == "many.test") return addresses(many(), service, hints, result);
  if (name != "slow.test") return real(node, service, hints, result);
  wait_while_slow();
  return real("127.0.0.1", service, hints, result);
}

namespace troupe::test {

slow_names::slow_names() {
  const std::scoped_lock hold(mutex);
  ++slow;
}

slow_names::~slow_names() {
  const std::scoped_lock hold(mutex);
  --slow;
  changed.notify_all();
}

void slow_names::await_lookups(int count) const {
  std::unique_lock hold(mutex);
  changed.wait(hold, [count] { return waiting >= count; });
}

}  // namespace troupe::test
