// Character classes and encodings that HTTP and JSON reading share: pure functions on bytes.
// Thread safety: all are stateless. None allocates unless it returns a string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klasboek::api {

// True for the characters that RFC 9110 allows in a method or field name.
bool is_token(std::string_view text);

// How many bytes the UTF-8 code point at the start of `rest` takes; 0 when it is malformed.
// REQUIRES: `rest` isn't empty.
std::size_t code_point_length(std::string_view rest);

// True for well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

// Number of code points of `text`. REQUIRES: is_utf8(text).
std::size_t utf8_length(std::string_view text);

// True if `text` holds a byte below 0x20 or 0x7F.
bool has_control(std::string_view text);

char ascii_lower(char c);
std::string ascii_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Without the spaces and tabs around it (RFC 9110 "OWS").
std::string_view trimmed(std::string_view text);

// Bytes of a percent-encoded text, decoded exactly once; `plus_is_space` as in a query (WHATWG
// form encoding). nullopt when a '%' isn't followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

// A number of one to nineteen ASCII digits and nothing else; nullopt otherwise or above 2^63-1.
std::optional<std::uint64_t> decimal(std::string_view digits);

// Value of a hexadecimal digit, or -1.
int hex_value(char c);

// `bytes` in lower-case hexadecimal digits.
std::string hex_text(std::string_view bytes);

}  // namespace klasboek::api
