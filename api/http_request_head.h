// The head of a request (RFC 9112), read strictly: what two programs could read in two ways is
// refused, so that nobody smuggles a second request past a proxy in front of us.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "api/http_message.h"
#include "api/http_target.h"
#include "api/problem.h"

namespace klasboek::api {

inline constexpr std::size_t kHeadBytesMax = std::size_t{16} * 1024;
inline constexpr std::size_t kHeaderCountMax = 100;

struct RequestHead {
  Method method = Method::get;
  Target target;
  Headers headers;
  std::uint64_t content_length_bytes = 0;
  bool expects_continue = false;  // the client waits for "100 Continue" before it sends the body
  bool keep_alive = true;         // as far as the client is concerned
  bool is_http_1_0 = false;
};

// What the bytes received so far are.
struct HeadScan {
  enum class Verdict : std::uint8_t { incomplete, complete, refused };
  Verdict verdict = Verdict::incomplete;
  std::size_t head_bytes = 0;  // complete: length of the head, its empty line included
  Problem problem;             // refused
};

// Looks for the end of the head in `received`, of which the first `scanned_bytes` were looked at
// before. Refuses as soon as it can: a head over kHeadBytesMax (414 when even its first line
// isn't there, else 431), a line that ends without CR, a first byte that begins no method.
HeadScan scan_head(std::string_view received, std::size_t scanned_bytes);

// `head`: a complete head as scan_head() found it. Problems: 400, 411, 414, 417, 431, 501, 505.
// The body's length isn't judged here; that depends on what is asked for.
std::expected<RequestHead, Problem> parse_head(std::string_view head);

// True for "name", "name:80", "192.0.2.1:80", "[2001:db8::1]:80".
bool is_host(std::string_view host);

}  // namespace klasboek::api
