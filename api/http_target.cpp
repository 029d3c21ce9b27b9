#include "api/http_target.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

using Refusal = std::unexpected<Problem>;

Refusal malformed(std::string detail) { return Refusal(malformed_request(std::move(detail))); }

// RFC 3986 leaves no room for these in a path or query, and a '#' is never sent.
bool is_target_character(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
}

// Decoded once and fit to be looked at; nullopt otherwise.
std::optional<std::string> clean_decoded(std::string_view text, bool plus_is_space) {
  auto decoded = percent_decoded(text, plus_is_space);
  if (!decoded || has_control(*decoded) || !is_utf8(*decoded)) return std::nullopt;
  return decoded;
}

// Takes "http://host" off an absolute-form target; false when it is neither that nor a path.
bool split_authority(std::string_view& rest, Target& target) {
  if (rest.starts_with('/')) return true;
  constexpr std::string_view kSchemes[] = {"http://", "https://"};
  for (const std::string_view scheme : kSchemes) {
    if (!equals_ignoring_case(rest.substr(0, scheme.size()), scheme)) continue;
    rest.remove_prefix(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    target.authority = rest.substr(0, end);
    rest.remove_prefix(end);
    return !target.authority.empty();
  }
  return false;
}

std::expected<void, Problem> split_path(std::string_view path, Target& target) {
  target.path = path;
  if (path == "/") return {};
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    auto segment = clean_decoded(path.substr(begin, end - begin), false);
    if (!segment) {
      return malformed("A segment of the path isn't UTF-8 or holds a control character.");
    }
    if (*segment == "." || *segment == "..") {
      return malformed("The path may not hold '.' or '..' as a segment.");
    }
    target.segments.push_back(*std::move(segment));
    begin = end + 1;
  }
  return {};
}

std::expected<void, Problem> split_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = clean_decoded(pair.substr(0, equals), true);
    auto value = clean_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || name->empty() || !value) {
      return malformed(
          "A parameter of the query has no name, isn't UTF-8 or holds a control character.");
    }
    if (target.query.parameters().size() == kQueryParametersMax) {
      return malformed("The query may have at most 64 parameters.");
    }
    if (!target.query.add(*std::move(name), *std::move(value))) {
      return malformed("A parameter of the query is repeated; each may be given once.");
    }
  }
  return {};
}

}  // namespace

std::expected<Target, Problem> parse_target(std::string_view target) {
  if (target.size() > kTargetBytesMax) {
    return Refusal(target_too_long("Path and query together may be at most 4096 bytes."));
  }
  if (!std::ranges::all_of(target, is_target_character)) {
    return malformed("The address holds a character that must be percent-encoded.");
  }
  Target result;
  if (target == "*") {
    result.path = target;
    return result;
  }
  std::string_view rest = target;
  if (!split_authority(rest, result)) {
    return malformed("The address must be a path that begins with '/'.");
  }
  const std::size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view path = question == 0 ? "/" : rest.substr(0, question);
  if (path.size() > kPathBytesMax) {
    return Refusal(target_too_long("The path may be at most 1024 bytes."));
  }
  if (auto split = split_path(path, result); !split) return Refusal(std::move(split).error());
  if (question < rest.size()) {
    auto split = split_query(rest.substr(question + 1), result);
    if (!split) return Refusal(std::move(split).error());
  }
  return result;
}

}  // namespace klasboek::api
