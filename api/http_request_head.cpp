#include "api/http_request_head.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

using Refusal = std::unexpected<Problem>;
using Outcome = std::expected<void, Problem>;

constexpr std::size_t kMethodBytesMax = 16;

// Fields of which a second one would leave open which counts.
constexpr std::array<std::string_view, 14> kOnceOnly = {
    "host",   "content-length",  "content-type",      "authorization", "idempotency-key",
    "origin", "if-match",        "if-none-match",     "cookie",        "expect",
    "range",  "accept-encoding", "transfer-encoding", "traceparent"};

Refusal malformed(std::string detail) { return Refusal(malformed_request(std::move(detail))); }

bool is_port(std::string_view text) {
  const auto number = decimal(text);
  return number && *number <= 65535;
}

Outcome parse_version(std::string_view version, RequestHead& head) {
  if (version == "HTTP/1.1") return {};
  if (version == "HTTP/1.0") {
    head.is_http_1_0 = true;
    head.keep_alive = false;
    return {};
  }
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           decimal(version.substr(5, 1)) && version[6] == '.' &&
                           decimal(version.substr(7, 1));
  if (well_formed) return Refusal(version_not_supported());
  return malformed("The first line must end with the version, such as HTTP/1.1.");
}

Outcome parse_request_line(std::string_view line, RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || last - first == 1) {
    return malformed("The first line must be: method, one space, address, one space, version.");
  }
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return malformed("The method isn't a word that HTTP allows.");
  if (auto outcome = parse_version(line.substr(last + 1), head); !outcome) return outcome;
  const auto known = method_from(method);
  if (!known || method.size() > kMethodBytesMax) return Refusal(method_not_implemented());
  head.method = *known;
  auto target = parse_target(line.substr(first + 1, last - first - 1));
  if (!target) return Refusal(std::move(target).error());
  head.target = *std::move(target);
  if (head.target.path == "*" && head.method != Method::options) {
    return malformed("The address '*' goes with OPTIONS only.");
  }
  return {};
}

Outcome parse_field(std::string_view line, Headers& headers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return malformed("A header field must be a name, a colon and a value, on one line.");
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  const bool has_forbidden = std::ranges::any_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  if (has_forbidden) return malformed("The value of a header field holds a control character.");
  if (!is_utf8(value)) return malformed("The value of a header field isn't UTF-8.");
  if (headers.fields().size() == kHeaderCountMax) {
    return Refusal(headers_too_large("At most 100 header fields are taken."));
  }
  headers.add(std::string(line.substr(0, colon)), std::string(value));
  return {};
}

Outcome parse_fields(std::string_view rest, Headers& headers) {
  while (rest != "\r\n") {
    const std::size_t end = rest.find("\r\n");
    if (auto outcome = parse_field(rest.substr(0, end), headers); !outcome) return outcome;
    rest.remove_prefix(end + 2);
  }
  for (const std::string_view name : kOnceOnly) {
    if (headers.count(name) > 1) {
      return malformed("The header field " + std::string(name) + " may be given once.");
    }
  }
  return {};
}

Outcome check_host(RequestHead& head) {
  const auto host = head.headers.find("host");
  if (!host && !head.is_http_1_0) return malformed("The header field Host is missing.");
  if (host && !is_host(*host)) return malformed("The header field Host isn't a host name.");
  if (head.target.authority.empty()) {
    head.target.authority = host.value_or("");
  } else if (!is_host(head.target.authority)) {
    return malformed("The host in the address isn't a host name.");
  }
  return {};
}

Outcome check_framing(RequestHead& head) {
  const auto length = head.headers.find("content-length");
  const bool has_transfer_encoding = head.headers.count("transfer-encoding") > 0;
  if (length && has_transfer_encoding) {
    return malformed("Content-Length and Transfer-Encoding may not come together.");
  }
  if (has_transfer_encoding) return Refusal(length_required());
  if (!length) {
    if (carries_body(head.method)) return Refusal(length_required());
    return {};
  }
  const auto bytes = decimal(*length);
  if (!bytes) return malformed("Content-Length must be a number of bytes.");
  if (*bytes > 0 && !carries_body(head.method) && head.method != Method::delete_) {
    return malformed("A request with this method may not have a body.");
  }
  head.content_length_bytes = *bytes;
  return {};
}

Outcome check_expectation(RequestHead& head) {
  const auto expect = head.headers.find("expect");
  if (!expect) return {};
  if (!equals_ignoring_case(*expect, "100-continue")) return Refusal(expectation_failed());
  head.expects_continue = !head.is_http_1_0 && head.content_length_bytes > 0;
  return {};
}

void read_connection(RequestHead& head) {
  for (const Headers::Field& field : head.headers.fields()) {
    if (!equals_ignoring_case(field.name, "connection")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view option = trimmed(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (equals_ignoring_case(option, "close")) {
        head.keep_alive = false;
        return;
      }
      if (equals_ignoring_case(option, "keep-alive")) head.keep_alive = true;
    }
  }
}

bool is_ipv6_literal(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         std::ranges::all_of(text.substr(1, text.size() - 2),
                             [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
}

bool is_registered_name(std::string_view text) {
  constexpr std::size_t kNameBytesMax = 253;
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

HeadScan refused(Problem problem) { return {HeadScan::Verdict::refused, 0, std::move(problem)}; }

}  // namespace

bool is_host(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = std::min(host.find(':', bracket), host.size());
  const std::string_view name = host.substr(0, colon);
  if (colon < host.size() && !is_port(host.substr(colon + 1))) return false;
  return is_ipv6_literal(name) || is_registered_name(name);
}

HeadScan scan_head(std::string_view received, std::size_t scanned_bytes) {
  if (received.empty()) return {};
  if (!is_token(received.substr(0, 1))) {
    return refused(malformed_request("The request doesn't begin with a method."));
  }
  const std::string_view window = received.substr(0, kHeadBytesMax);
  for (std::size_t i = window.find('\n', scanned_bytes); i != std::string_view::npos;
       i = window.find('\n', i + 1)) {
    if (i == 0 || window[i - 1] != '\r') {
      return refused(malformed_request("Each line of the header must end with CR and LF."));
    }
    if (i >= 3 && window[i - 2] == '\n') return {HeadScan::Verdict::complete, i + 1, {}};
  }
  const bool has_first_line = window.find('\n') != std::string_view::npos;
  if (!has_first_line && window.size() > kTargetBytesMax + 2 * kMethodBytesMax) {
    return refused(target_too_long("Path and query together may be at most 4096 bytes."));
  }
  if (received.size() >= kHeadBytesMax) {
    return refused(headers_too_large("The header may be at most 16384 bytes."));
  }
  return {};
}

std::expected<RequestHead, Problem> parse_head(std::string_view head) {
  RequestHead result;
  const std::size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  Outcome outcome = parse_request_line(line, result);
  if (outcome) outcome = parse_fields(head.substr(line_end + 2), result.headers);
  if (outcome) outcome = check_host(result);
  if (outcome) outcome = check_framing(result);
  if (outcome) outcome = check_expectation(result);
  if (!outcome) return Refusal(std::move(outcome).error());
  read_connection(result);
  return result;
}

}  // namespace klasboek::api
