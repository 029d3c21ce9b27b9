#include "events/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace klasboek::events {

namespace {

/// Looked up once: that costs more than hashing. Never freed, as threads may end after this.
const EVP_MD* algorithm() {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kAlgorithm;
}

/// It fails where memory or OpenSSL's own provider is missing, and then nothing can go on.
void require(int outcome) {
  if (outcome != 1) std::abort();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  require(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr));
}

Sha256& Sha256::add(std::span<const std::uint8_t> part) {
  require(EVP_DigestUpdate(context_.get(), part.data(), part.size()));
  return *this;
}

Hash Sha256::finish() {
  Hash hash;
  require(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr));
  require(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr));
  return hash;
}

Hash sha256(std::span<const std::uint8_t> bytes) {
  thread_local Sha256 hasher;
  return hasher.add(bytes).finish();
}

}  // namespace klasboek::events
