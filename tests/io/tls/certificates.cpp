// SPDX-License-Identifier: BSL-1.0
// Copyright (c) 2026 The troupe authors
#include <io/tls/certificates.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace troupe::test {
namespace {

template <auto free>
struct freer {
  template <class T>
  void operator()(T* p) const noexcept {
    free(p);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freer<&::EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freer<&::X509_free>>;
using file_ptr = std::unique_ptr<std::FILE, freer<&std::fclose>>;

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(what);
}

void add_extension(X509* to, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  ::X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  require(extension != nullptr, value);
  ::X509_add_ext(to, extension, -1);
  ::X509_EXTENSION_free(extension);
}

certificate_ptr make_certificate(const std::string& subject, long serial, EVP_PKEY* key,
                                 X509* issuer, EVP_PKEY* issuer_key, const std::string& names,
                                 std::chrono::seconds from, std::chrono::seconds to) {
  certificate_ptr made(::X509_new());
  X509* const c = made.get();
  ::X509_set_version(c, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(c), serial);
  ::X509_gmtime_adj(::X509_getm_notBefore(c), from.count());
  ::X509_gmtime_adj(::X509_getm_notAfter(c), to.count());
  ::X509_set_pubkey(c, key);
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(c), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  X509* const signer = issuer != nullptr ? issuer : c;
  ::X509_set_issuer_name(c, ::X509_get_subject_name(signer));
  const bool is_authority = issuer == nullptr;
  add_extension(c, signer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!names.empty()) add_extension(c, signer, NID_subject_alt_name, names.c_str());
  require(::X509_sign(c, issuer_key, ::EVP_sha256()) != 0, "X509_sign");
  return made;
}

identity store(const scratch_directory& in, const std::string& name, X509* certificate,
               EVP_PKEY* key) {
  identity stored{in / (name + ".pem"), in / (name + ".key")};
  const file_ptr certificate_file(std::fopen(stored.certificate_file.c_str(), "we"));
  const file_ptr key_file(std::fopen(stored.key_file.c_str(), "we"));
  require(certificate_file != nullptr && key_file != nullptr, "fopen");
  require(::PEM_write_X509(certificate_file.get(), certificate) == 1, "PEM_write_X509");
  require(::PEM_write_PrivateKey(key_file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM_write_PrivateKey");
  return stored;
}

}  // namespace

struct certificate_authority::keys {
  key_ptr key{EVP_EC_gen("P-256")};
  certificate_ptr certificate;
};

certificate_authority::certificate_authority(const std::string& name)
    : keys_(std::make_unique<keys>()) {
  EVP_PKEY* const key = keys_->key.get();
  keys_->certificate = make_certificate(name, 1, key, nullptr, key, {}, std::chrono::hours(-48),
                                        std::chrono::hours(48));
  own_ = store(directory_, "authority", keys_->certificate.get(), key);
}

certificate_authority::~certificate_authority() = default;

identity certificate_authority::issue(const std::string& subject, const std::string& names,
                                      std::chrono::seconds from, std::chrono::seconds to) {
  const key_ptr key(EVP_EC_gen("P-256"));
  const certificate_ptr made = make_certificate(
      subject, 2 + issued_, key.get(), keys_->certificate.get(), keys_->key.get(), names, from, to);
  return store(directory_, "issued" + std::to_string(issued_++), made.get(), key.get());
}

std::string certificate_authority::encrypted(const std::string& key_file,
                                             const std::string& password) {
  const file_ptr in(std::fopen(key_file.c_str(), "re"));
  require(in != nullptr, "fopen");
  const key_ptr key(::PEM_read_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  require(key != nullptr, "PEM_read_PrivateKey");
  std::string made = directory_ / ("encrypted" + std::to_string(issued_++) + ".key");
  const file_ptr out(std::fopen(made.c_str(), "we"));
  require(out != nullptr, "fopen");
  require(::PEM_write_PKCS8PrivateKey(out.get(), key.get(), ::EVP_aes_256_cbc(), password.data(),
                                      static_cast<int>(password.size()), nullptr, nullptr) == 1,
          "PEM_write_PKCS8PrivateKey");
  return made;
}

}  // namespace troupe::test
