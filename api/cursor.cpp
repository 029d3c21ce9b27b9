#include "api/cursor.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

using Mac = std::array<unsigned char, kMacBytes>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The scope's length goes first, so that no scope and payload run into another pair's bytes.
Mac mac_of(const CursorSealer::Key& key, std::string_view scope, std::string_view payload) {
  const std::uint64_t scope_bytes = scope.size();
  std::array<unsigned char, sizeof scope_bytes> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<unsigned char>(scope_bytes >> (8 * i));
  }
  Mac mac{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), mac.size());
  crypto_generichash_update(&state, length.data(), length.size());
  crypto_generichash_update(&state, bytes_of(scope), scope.size());
  crypto_generichash_update(&state, bytes_of(payload), payload.size());
  crypto_generichash_final(&state, mac.data(), mac.size());
  return mac;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const char lower = ascii_lower(c);
    const bool is_plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
                          kUnreserved.find(c) != std::string_view::npos;
    if (is_plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0x0FU];
  }
}

void append_parameter(std::string& link, std::string_view name, std::string_view value) {
  link += link.find('?') == std::string::npos ? '?' : '&';
  append_percent_encoded(link, name);
  link += '=';
  append_percent_encoded(link, value);
}

}  // namespace

std::string CursorSealer::seal(std::string_view scope, std::string_view payload) const {
  assert(payload.size() <= kCursorPayloadBytesMax);
  const Mac mac = mac_of(key_, scope, payload);
  std::string bytes(payload);
  bytes.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), kVariant);
  text.pop_back();  // sodium counts and writes a terminating zero
  return text;
}

std::expected<std::string, Problem> CursorSealer::open(std::string_view scope,
                                                       std::string_view cursor) const {
  std::string bytes(kCursorPayloadBytesMax + kMacBytes, '\0');
  std::size_t length = 0;
  const int decoded =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), cursor.data(),
                        cursor.size(), nullptr, &length, nullptr, kVariant);
  if (decoded != 0 || length < kMacBytes) return std::unexpected(invalid_cursor());
  bytes.resize(length);
  const std::string_view payload = std::string_view(bytes).substr(0, length - kMacBytes);
  const Mac mac = mac_of(key_, scope, payload);
  if (sodium_memcmp(mac.data(), bytes.data() + payload.size(), mac.size()) != 0) {
    return std::unexpected(invalid_cursor());
  }
  return std::string(payload);
}

Problem invalid_cursor() {
  Problem problem = invalid_parameter("cursor", "The cursor wasn't given out for this list.");
  problem.code = "invalid_cursor";
  problem.title = "The cursor can't be used";
  problem.remedy = "Begin at the first page, without a cursor, and follow its links.";
  problem.errors.front().code = problem.code;
  return problem;
}

std::expected<std::uint32_t, Problem> page_limit(const QueryParameters& query) {
  const auto text = query.find("limit");
  if (!text) return kPageLimitDefault;
  const auto limit = decimal(*text);
  if (!limit || *limit < 1 || *limit > kPageLimitMax) {
    return std::unexpected(invalid_parameter("limit", "The limit must be a number from 1 to 100."));
  }
  return static_cast<std::uint32_t>(*limit);
}

std::string next_link(const Request& request, std::string_view next_cursor) {
  std::string link = "<" + request.path;
  for (const auto& parameter : request.query.parameters()) {
    if (parameter.name != "cursor") append_parameter(link, parameter.name, parameter.value);
  }
  append_parameter(link, "cursor", next_cursor);
  return link + ">; rel=\"next\"";
}

}  // namespace klasboek::api
