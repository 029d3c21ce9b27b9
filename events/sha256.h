#pragma once
// SHA-256 by the processor's own instructions where it has them, which libsodium doesn't use: five
// times as quick, and every command is hashed several times.
#include <cstdint>
#include <memory>
#include <span>

#include "events/ids.h"

struct evp_md_ctx_st;

namespace klasboek::events {

/// Of bytes that come in parts. One thread. May be used again after finish.
class Sha256 {
 public:
  Sha256();
  Sha256& add(std::span<const std::uint8_t> part);
  /// Of all that was added since the last finish.
  Hash finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// Of one piece. Any thread.
Hash sha256(std::span<const std::uint8_t> bytes);

}  // namespace klasboek::events
