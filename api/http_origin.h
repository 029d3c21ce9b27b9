// Who a request comes from, and under which name it is traced.
//
// Thread safety: TrustedProxies is immutable once made; the functions are pure but for the ids,
// which are random (libsodium). None of this may decide what somebody may do.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_message.h"

namespace klasboek::api {

// The proxies in front of us, whose X-Forwarded-For and X-Request-Id are believed.
class TrustedProxies {
 public:
  // Each an address or a network: "127.0.0.1", "10.0.0.0/8", "fd00::/8". The error is the entry
  // that is none.
  static std::expected<TrustedProxies, std::string> of(std::span<const std::string> networks);

  bool contains(std::string_view address) const;

  // The client of a request that `peer` sent: `peer` itself, unless that is trusted; then the
  // last address of X-Forwarded-For that isn't. A malformed entry ends the search.
  std::string client(std::string_view peer, const Headers& headers) const;

 private:
  struct Network {
    std::array<unsigned char, 16> address{};  // IPv4 as mapped IPv6
    unsigned prefix_bits = 128;
  };
  std::vector<Network> networks_;
};

// X-Request-Id of a trusted proxy when it is 1 to 64 letters, digits, '-' and '_', else a new one.
std::string request_id_of(const Headers& headers, bool from_trusted_proxy);

// W3C trace context: the trace of the request with a span of our own, or a new trace when the
// request has no well-formed one.
std::string traceparent_of(const Headers& headers);

// True for version 00: "00-<32 hex>-<16 hex>-<2 hex>" in lower case, ids not all zero.
bool is_traceparent(std::string_view text);

}  // namespace klasboek::api
