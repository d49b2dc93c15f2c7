// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <model/weakening.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {
namespace {

// Relacy's heap functions are inline. The standard library must find them too, or what one of them
// allocates would be freed by another one: so they must exist out of line.
[[gnu::used]] void* (*const heap_take)(std::size_t) = &::operator new;
[[gnu::used]] void* (*const heap_take_array)(std::size_t) = &::operator new[];
[[gnu::used]] void (*const heap_give)(void*) noexcept = &::operator delete;
[[gnu::used]] void (*const heap_give_array)(void*) noexcept = &::operator delete[];

struct access {
  detail::access_site site;
  const char* method;
  rl::memory_order named;
};

bool same(const access& a, const detail::access_site& site, const char* method) {
  return a.site.line == site.line && std::strcmp(a.method, method) == 0 &&
         std::strcmp(a.site.file, site.file) == 0;
}

// Not a vector: what a model's threads allocate is counted among the model's memory.
struct {
  std::array<access, 128> accesses{};
  std::size_t count = 0;
} seen;

const weakening* active = nullptr;

rl::memory_order record(rl::memory_order named, const char* method,
                        const detail::access_site& site) {
  for (std::size_t i = 0; i < seen.count; ++i) {
    if (same(seen.accesses[i], site, method)) return named;
  }
  if (seen.count < seen.accesses.size()) seen.accesses[seen.count++] = {site, method, named};
  return named;
}

rl::memory_order weaken(rl::memory_order named, const char* method,
                        const detail::access_site& site) {
  return same({active->site, active->method, named}, site, method) ? active->order : named;
}

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

std::vector<rl::memory_order> weaker(const access& a) {
  const std::string_view method = a.method;
  // To Relacy a failing exchange is a load of the newest value, whose total order changes nothing.
  if (ends(method, "failing")) return {rl::mo_relaxed};
  const bool load = begins(method, "load") || begins(method, "wait");
  const bool store = begins(method, "store");
  switch (a.named) {
    case rl::mo_acquire:
    case rl::mo_release:
      return {rl::mo_relaxed};
    case rl::mo_acq_rel:
      return {rl::mo_acquire, rl::mo_release};
    case rl::mo_seq_cst:
      if (load) return {rl::mo_acquire, rl::mo_relaxed};
      if (store) return {rl::mo_release, rl::mo_relaxed};
      return {rl::mo_acq_rel, rl::mo_acquire, rl::mo_release};
    default:
      return {};
  }
}

std::string text_of(const std::vector<access>& all, const access& a, rl::memory_order order) {
  const auto alike = [&a](const access& b) {
    return std::strcmp(a.site.function, b.site.function) == 0 &&
           std::strcmp(a.method, b.method) == 0;
  };
  std::string text = std::string(a.site.function) + ": " + a.method;
  if (std::count_if(all.begin(), all.end(), alike) > 1) {
    const auto before = [&](const access& b) { return alike(b) && b.site.line < a.site.line; };
    text += " #" + std::to_string(1 + std::count_if(all.begin(), all.end(), before));
  }
  return text + " as " + rl::format(order);
}

}  // namespace

access_recorder::access_recorder() {
  seen.count = 0;
  detail::order_in_model = &record;
}

access_recorder::~access_recorder() { detail::order_in_model = nullptr; }

std::vector<weakening> access_recorder::weakenings(std::string_view file) const {
  std::vector<access> all;
  for (std::size_t i = 0; i < seen.count; ++i) {
    if (ends(seen.accesses[i].site.file, file)) all.push_back(seen.accesses[i]);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const access& a, const access& b) { return a.site.line < b.site.line; });
  std::vector<weakening> result;
  for (const access& a : all) {
    for (const rl::memory_order order : weaker(a)) {
      result.push_back({a.site, a.method, order, text_of(all, a, order)});
    }
  }
  return result;
}

weakened_access::weakened_access(const weakening& which) {
  active = &which;
  detail::order_in_model = &weaken;
}

weakened_access::~weakened_access() {
  detail::order_in_model = nullptr;
  active = nullptr;
}

}  // namespace troupe::model
