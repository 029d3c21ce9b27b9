// Cursors: where the next page of a list begins, as a text that only this server can make.
//
// A cursor is base64url(payload ‖ MAC), the MAC a keyed BLAKE2b (libsodium) cut to 16 bytes over
// the scope and the payload. The scope names the list and whose it is, so that a cursor taken
// from one list, school or account opens no other. Clients must not look inside; the payload is
// signed, not hidden: it holds ids and positions only.
//
// Thread safety: immutable once made; any number of threads. Ownership: the key is copied.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "api/http_message.h"
#include "api/problem.h"

namespace klasboek::api {

inline constexpr std::size_t kCursorKeyBytes = 32;
inline constexpr std::size_t kCursorPayloadBytesMax = 512;
inline constexpr std::uint32_t kPageLimitMax = 100;
inline constexpr std::uint32_t kPageLimitDefault = 50;

class CursorSealer {
 public:
  using Key = std::array<unsigned char, kCursorKeyBytes>;

  explicit CursorSealer(const Key& key) : key_(key) {}

  // REQUIRES: payload.size() <= kCursorPayloadBytesMax.
  std::string seal(std::string_view scope, std::string_view payload) const;

  // The payload, or 400 (`invalid_cursor`) when the cursor wasn't made here for this scope.
  std::expected<std::string, Problem> open(std::string_view scope, std::string_view cursor) const;

 private:
  Key key_;
};

// 400 (`invalid_cursor`).
Problem invalid_cursor();

// `limit` of the query: kPageLimitDefault when absent, else 1 to kPageLimitMax; 400 otherwise.
std::expected<std::uint32_t, Problem> page_limit(const QueryParameters& query);

// The Link field (RFC 8288) of a page that has a next one: this request's path and parameters
// with the new cursor, `<…>; rel="next"`.
std::string next_link(const Request& request, std::string_view next_cursor);

}  // namespace klasboek::api
