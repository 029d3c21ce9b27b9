#include "api/http_origin.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

using Address = std::array<unsigned char, 16>;

constexpr unsigned kMappedPrefixBits = 96;  // ::ffff:0:0/96 holds IPv4
constexpr std::size_t kTraceparentLength = 55;
constexpr std::size_t kRequestIdLengthMax = 64;

struct ParsedAddress {
  Address bytes{};
  bool is_ipv4 = false;
};

std::optional<ParsedAddress> parse_address(std::string_view text) {
  const std::string zero_ended(text);
  ParsedAddress parsed;
  if (inet_pton(AF_INET6, zero_ended.c_str(), parsed.bytes.data()) == 1) return parsed;
  std::array<unsigned char, 4> v4{};
  if (inet_pton(AF_INET, zero_ended.c_str(), v4.data()) != 1) return std::nullopt;
  parsed.bytes[10] = 0xFF;
  parsed.bytes[11] = 0xFF;
  std::ranges::copy(v4, parsed.bytes.begin() + 12);
  parsed.is_ipv4 = true;
  return parsed;
}

bool same_network(const Address& a, const Address& b, unsigned prefix_bits) {
  const std::size_t whole = prefix_bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU << (8U - rest) & 0xFFU;
  return (a[whole] & mask) == (b[whole] & mask);
}

// "192.0.2.1:4711" and "[2001:db8::1]:4711" without their port.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? text : text.substr(1, close - 1);
  }
  const std::size_t colon = text.find(':');
  const bool is_ipv4_with_port = colon != std::string_view::npos && text.rfind(':') == colon;
  return is_ipv4_with_port ? text.substr(0, colon) : text;
}

// Each draw is a system call, so a thread draws for some dozens of requests at once.
std::string random_hex(std::size_t bytes) {
  constexpr std::size_t kDrawnBytes = 1024;
  thread_local std::array<char, kDrawnBytes> drawn{};
  thread_local std::size_t used = kDrawnBytes;
  if (used + bytes > kDrawnBytes) {
    randombytes_buf(drawn.data(), drawn.size());
    used = 0;
  }
  const std::string text = hex_text(std::string_view(drawn.data() + used, bytes));
  used += bytes;
  return text;
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::expected<TrustedProxies, std::string> TrustedProxies::of(
    std::span<const std::string> networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(std::string_view(text).substr(0, slash));
    if (!address) return std::unexpected(text);
    Network network{address->bytes, 128};
    if (slash != std::string::npos) {
      const auto bits = decimal(std::string_view(text).substr(slash + 1));
      if (!bits || *bits > (address->is_ipv4 ? 32U : 128U)) return std::unexpected(text);
      network.prefix_bits =
          static_cast<unsigned>(*bits) + (address->is_ipv4 ? kMappedPrefixBits : 0U);
    }
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
  if (networks_.empty()) return false;
  const auto parsed = parse_address(address);
  return parsed && std::ranges::any_of(networks_, [&](const Network& network) {
           return same_network(parsed->bytes, network.address, network.prefix_bits);
         });
}

std::string TrustedProxies::client(std::string_view peer, const Headers& headers) const {
  std::string client(peer);
  if (!contains(peer)) return client;
  std::string hops;
  for (const Headers::Field& field : headers.fields()) {
    if (equals_ignoring_case(field.name, "x-forwarded-for")) hops += "," + field.value;
  }
  std::string_view rest = hops;
  while (!rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view hop = without_port(trimmed(rest.substr(comma + 1)));
    rest = rest.substr(0, comma);
    if (!parse_address(hop)) break;
    client = hop;
    if (!contains(hop)) break;
  }
  return client;
}

std::string request_id_of(const Headers& headers, bool from_trusted_proxy) {
  if (from_trusted_proxy) {
    const std::string_view given = headers.find("x-request-id").value_or("");
    const bool is_plain = std::ranges::all_of(given, [](char c) {
      const char lower = ascii_lower(c);
      return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (is_plain && !given.empty() && given.size() <= kRequestIdLengthMax) {
      return std::string(given);
    }
  }
  return random_hex(8);
}

bool is_traceparent(std::string_view text) {
  return text.size() == kTraceparentLength && text.starts_with("00-") && text[35] == '-' &&
         text[52] == '-' && is_lower_hex(text.substr(3, 32)) && is_lower_hex(text.substr(36, 16)) &&
         is_lower_hex(text.substr(53)) && !is_all_zero(text.substr(3, 32)) &&
         !is_all_zero(text.substr(36, 16));
}

std::string traceparent_of(const Headers& headers) {
  const std::string_view given = headers.find("traceparent").value_or("");
  const std::string span = random_hex(8);
  if (!is_traceparent(given)) return "00-" + random_hex(16) + "-" + span + "-00";
  return std::string(given.substr(0, 36)) + span + std::string(given.substr(52));
}

}  // namespace klasboek::api
