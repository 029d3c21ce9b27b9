#pragma once
// From the bytes of an uploaded file to text: encodings, white space, comparing names and keys.
// Pure functions; safe from any thread.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/roster_problem.h"

namespace klasboek::api::roster {

enum class Encoding : std::uint8_t { utf_8, windows_1252, iso_8859_15, utf_16_le, utf_16_be };

std::string_view name_of(Encoding encoding);

struct Decoded {
  std::string text;  // valid UTF-8, without byte order mark
  Encoding encoding = Encoding::utf_8;
  std::vector<Problem> problems;  // encoding_not_as_declared, unreadable_characters
};

/// Decodes by byte order mark, else by the encoding that an XML declaration names, else as UTF-8.
/// Bytes that are not UTF-8 although they should be are read as Windows-1252, and the reverse, with
/// a problem that says so. Errors: file_empty, encoding_not_supported (also for zero characters).
std::expected<Decoded, Problem> decode(std::string_view bytes);

bool is_utf8(std::string_view text);

/// Appends a code point as UTF-8. REQUIRES: a scalar value (no surrogate, below 0x110000).
void append_utf8(std::string& text, char32_t code_point);

/// Without white space (also no-break spaces) at both ends, and with each run of white space and
/// control characters within as one space.
std::string tidied(std::string_view text);

/// ASCII letters in lower case, all else as it is.
std::string lower_ascii(std::string_view text);

/// For comparing names: lower case, without accents, hyphens, apostrophes and dots. Never shown.
std::string folded(std::string_view text);

/// Line numbers (from 1) of byte offsets in a text; a line ends at LF, at CR, or at CR LF.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  std::uint32_t line_of(std::size_t offset) const;
  std::uint32_t last_line() const { return static_cast<std::uint32_t>(starts_.size()); }

 private:
  std::vector<std::size_t> starts_;  // offset of the first byte of each line, ascending
};

}  // namespace klasboek::api::roster
