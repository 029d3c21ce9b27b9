// JsonValue: a JSON document as a tree, and the strict parser that makes one.
//
// Thread safety: plain values. Ownership: a value owns all below it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.h"

namespace klasboek::api {

struct JsonMember;

struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, integer, number, text, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;                 // a text; of a number that is no 64-bit integer, its digits
  std::vector<JsonValue> items;     // of an array
  std::vector<JsonMember> members;  // of an object, in the order received

  // Member of that name, or nullptr (also when this is no object).
  const JsonValue* member(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

struct JsonLimits {
  std::size_t bytes_max = std::size_t{1024} * 1024;
  std::size_t depth_max = 32;
  std::size_t members_max = 256;  // of one object
};

// A whole document whose top level is an object. Problems: 413 over bytes_max; 400
// (`malformed_json`) for broken syntax, malformed UTF-8, a member given twice, too deep or too
// many members, another top level. The detail gives the byte, never the text.
std::expected<JsonValue, Problem> parse_json(std::string_view bytes, const JsonLimits& limits = {});

// The same document, the same bytes: members sorted by name, no spaces, one way to escape. For
// fingerprints of requests.
std::string canonical_json(const JsonValue& value);

}  // namespace klasboek::api
