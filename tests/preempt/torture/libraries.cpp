// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <preempt/torture/check.hpp>
#include <preempt/torture/labor.hpp>
#include <preempt/torture/toiler.hpp>
#include <preempt/torture/works.hpp>

#include <openssl/evp.h>
#include <zlib.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::torture {
namespace {

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

void use_plugin(toiler& t) {
  // Nobody else has it: it comes into memory and goes out of it, code that is preempted in it too.
  void* const plugin = ::dlopen(TROUPE_TORTURE_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  check(plugin != nullptr, "dlopen of the plugin failed");
  auto* const square = symbol<std::uint64_t(std::uint64_t)>(plugin, "torture_plugin_square");
  check(square != nullptr, "dlsym of the plugin failed");
  const std::uint64_t n = t.up_to(5'000);
  check(square(n) == n * n, "the plugin computes something else");
  check(::dlclose(plugin) == 0, "dlclose of the plugin failed");
}

void use_mathematics() {
  void* const library = ::dlopen("libm.so.6", RTLD_NOW);
  check(library != nullptr, "dlopen of libm failed");
  auto* const root = symbol<double(double)>(library, "sqrt");
  check(root != nullptr && root(1'764.0) == 42.0, "libm computes something else");
  check(::dlclose(library) == 0, "dlclose of libm failed");
}

std::string hex(const unsigned char* bytes, std::size_t n) {
  constexpr std::array digits{'0', '1', '2', '3', '4', '5', '6', '7',
                              '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

struct digest_end {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// SHA-256 of `times` letters a, in chunks of random size.
std::string sha256_of_a(toiler& t, std::size_t times) {
  const std::unique_ptr<EVP_MD_CTX, digest_end> context(EVP_MD_CTX_new());
  check(context != nullptr, "OpenSSL has no context");
  check(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1, "OpenSSL: init");
  const std::string letters(4'096, 'a');
  while (times > 0) {
    const std::size_t n = std::min<std::size_t>(times, 1 + t.up_to(letters.size() - 1));
    check(EVP_DigestUpdate(context.get(), letters.data(), n) == 1, "OpenSSL: update");
    times -= n;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(context.get(), result.data(), &size) == 1, "OpenSSL: final");
  return hex(result.data(), size);
}

}  // namespace

void load_library(toiler& t) { t.one_in(2) ? use_plugin(t) : use_mathematics(); }

void digest(toiler& t) {
  // The examples of FIPS 180-2.
  std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
  unsigned int size = 0;
  check(EVP_Digest("abc", 3, result.data(), &size, EVP_sha256(), nullptr) == 1, "OpenSSL: digest");
  check(hex(result.data(), size) ==
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "the digest of abc is wrong");
  if (!t.one_in(10)) return;
  check(sha256_of_a(t, 1'000'000) ==
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        "the digest of a million letters is wrong");
}

void compress(toiler& t) {
  std::vector<Bytef> plain(1 + t.up_to(20'000));
  const std::uint64_t key = t.number();
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] = static_cast<Bytef>('a' + mix(key + i / 3) % 8);
  }
  uLongf packed_size = compressBound(plain.size());
  std::vector<Bytef> packed(packed_size);
  check(compress2(packed.data(), &packed_size, plain.data(), plain.size(), 6) == Z_OK,
        "zlib does not compress");
  std::vector<Bytef> back(plain.size());
  uLongf back_size = back.size();
  check(uncompress(back.data(), &back_size, packed.data(), packed_size) == Z_OK,
        "zlib does not take what it made");
  check(back_size == plain.size() && back == plain, "zlib gives back something else");
  constexpr std::array<Bytef, 9> digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  check(crc32(0, digits.data(), digits.size()) == 0xcbf43926U, "a checksum is wrong");
}

}  // namespace troupe::torture
