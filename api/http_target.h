// The request target (RFC 9112 chapter 3): split first, decoded once after, refused when in doubt.
//
// Thread safety: a pure function.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_message.h"
#include "api/problem.h"

namespace klasboek::api {

inline constexpr std::size_t kPathBytesMax = 1024;
inline constexpr std::size_t kTargetBytesMax = 4096;
inline constexpr std::size_t kQueryParametersMax = 64;

struct Target {
  std::string authority;  // of the absolute form "http://host/path"; else empty
  std::string path;       // as sent; "*" for the asterisk form
  std::vector<std::string> segments;
  QueryParameters query;
};

// `target` as in the request line. Refused with 414: longer than the limits above. Refused with
// 400: characters outside RFC 3986, '%' without two hexadecimal digits, and, once decoded: NUL or
// another control character, malformed UTF-8, "." and ".." as a segment, a repeated or nameless
// parameter.
std::expected<Target, Problem> parse_target(std::string_view target);

}  // namespace klasboek::api
