#include "api/roster_text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

namespace klasboek::api::roster {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
// The declaration stands at the very start; looking further would find text that merely looks so.
constexpr std::size_t kDeclarationBytesMax = 256;

// Code points of the bytes 0x80–0x9F in Windows-1252; the five unused ones have none.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC,       kReplacement, 0x201A, 0x0192, 0x201E, 0x2026,       0x2020, 0x2021,
    0x02C6,       0x2030,       0x0160, 0x2039, 0x0152, kReplacement, 0x017D, kReplacement,
    kReplacement, 0x2018,       0x2019, 0x201C, 0x201D, 0x2022,       0x2013, 0x2014,
    0x02DC,       0x2122,       0x0161, 0x203A, 0x0153, kReplacement, 0x017E, 0x0178};

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Length of the UTF-8 sequence at `at`, 0 where there is none (RFC 3629: no surrogates, no
// overlong forms, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_at(text, at + i);
    if (next < low || next > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

char32_t code_point_at(std::string_view text, std::size_t at, std::size_t length) {
  const unsigned lead = byte_at(text, at);
  if (length == 1) return lead;
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (byte_at(text, at + i) & 0x3F);
  return value;
}

char32_t single_byte(unsigned byte, Encoding encoding) {
  if (encoding == Encoding::iso_8859_15) {
    switch (byte) {
      case 0xA4:
        return 0x20AC;
      case 0xA6:
        return 0x0160;
      case 0xA8:
        return 0x0161;
      case 0xB4:
        return 0x017D;
      case 0xB8:
        return 0x017E;
      case 0xBC:
        return 0x0152;
      case 0xBD:
        return 0x0153;
      case 0xBE:
        return 0x0178;
      default:
        break;
    }
  }
  // ISO-8859-1 has control characters at 0x80–0x9F that no name has: such files are Windows-1252.
  if (byte >= 0x80 && byte <= 0x9F) return kWindows1252.at(byte - 0x80);
  return byte;
}

void count_unreadable(Decoded& decoded, std::size_t at) {
  if (decoded.problems.empty() ||
      decoded.problems.back().code != ProblemCode::unreadable_characters) {
    const auto before = std::string_view(decoded.text).substr(0, at);
    const auto line = 1 + std::ranges::count(before, '\n');
    decoded.problems.push_back({.code = ProblemCode::unreadable_characters,
                                .where = {.line = static_cast<std::uint32_t>(line)},
                                .count = 0});
  }
  ++decoded.problems.back().count;
}

void decode_single_bytes(std::string_view bytes, Decoded& decoded) {
  decoded.text.reserve(bytes.size() + bytes.size() / 16);
  for (const char c : bytes) {
    const char32_t code_point = single_byte(static_cast<unsigned char>(c), decoded.encoding);
    if (code_point == kReplacement) count_unreadable(decoded, decoded.text.size());
    append_utf8(decoded.text, code_point);
  }
}

void decode_utf16(std::string_view bytes, Decoded& decoded) {
  const bool little = decoded.encoding == Encoding::utf_16_le;
  const auto unit_at = [&](std::size_t at) {
    const unsigned first = byte_at(bytes, at);
    const unsigned second = byte_at(bytes, at + 1);
    return static_cast<char32_t>(little ? (second << 8) | first : (first << 8) | second);
  };
  decoded.text.reserve(bytes.size());
  std::size_t at = 0;
  while (at + 1 < bytes.size()) {
    char32_t unit = unit_at(at);
    at += 2;
    if (unit >= 0xD800 && unit <= 0xDBFF && at + 1 < bytes.size()) {
      const char32_t low = unit_at(at);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      }
    }
    if (unit >= 0xD800 && unit <= 0xDFFF) unit = kReplacement;
    if (unit == kReplacement) count_unreadable(decoded, decoded.text.size());
    append_utf8(decoded.text, unit);
  }
  if (at < bytes.size()) {  // half a character at the end: the file was cut off
    count_unreadable(decoded, decoded.text.size());
    append_utf8(decoded.text, kReplacement);
  }
}

std::optional<Encoding> encoding_called(std::string_view name) {
  const std::string word = lower_ascii(name);
  if (word == "utf-8" || word == "utf8" || word == "us-ascii" || word == "ascii") {
    return Encoding::utf_8;
  }
  if (word == "windows-1252" || word == "cp1252" || word == "iso-8859-1" || word == "iso8859-1" ||
      word == "iso_8859-1" || word == "latin1" || word == "latin-1") {
    return Encoding::windows_1252;
  }
  if (word == "iso-8859-15" || word == "iso8859-15" || word == "latin9" || word == "latin-9") {
    return Encoding::iso_8859_15;
  }
  return std::nullopt;
}

// The value of encoding="…" in an XML declaration at the start of the file; empty where none.
std::string_view declared_encoding(std::string_view bytes) {
  bytes = bytes.substr(0, kDeclarationBytesMax);
  const auto start = bytes.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || !bytes.substr(start).starts_with("<?xml")) return {};
  bytes = bytes.substr(start, bytes.find("?>", start) - start);
  const auto word = bytes.find("encoding");
  if (word == std::string_view::npos) return {};
  const auto open = bytes.find_first_of("\"'", word);
  if (open == std::string_view::npos) return {};
  const auto close = bytes.find(bytes[open], open + 1);
  if (close == std::string_view::npos) return {};
  return bytes.substr(open + 1, close - open - 1);
}

// UTF-16 by its mark, or by the zero byte beside the "<" that every XML file begins with.
std::optional<Encoding> utf16_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("<\0"sv)) return Encoding::utf_16_le;
  if (bytes.starts_with("\xFE\xFF"sv) || bytes.starts_with("\0<"sv)) return Encoding::utf_16_be;
  return std::nullopt;
}

bool has_high_bytes(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool is_space(char32_t c) { return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xFEFF; }

// The letter without its accent, for Latin-1 and Latin Extended-A; 0 where it is dropped.
char32_t plain_letter(char32_t c) {
  constexpr std::string_view kLatin1 =
      "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy";
  constexpr std::string_view kExtendedA =
      "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllllln"
      "nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
  static_assert(kLatin1.size() == 64 && kExtendedA.size() == 128);
  if (c >= 'A' && c <= 'Z') return c + ('a' - 'A');
  if (c == '-' || c == '\'' || c == '.' || c == '`' || c == 0xB4 || c == 0x2019 || c == 0x2018) {
    return 0;
  }
  if (c >= 0x300 && c <= 0x36F) return 0;  // accents written apart
  if (c >= 0xC0 && c <= 0xFF) return static_cast<unsigned char>(kLatin1[c - 0xC0]);
  if (c >= 0x100 && c <= 0x17F) return static_cast<unsigned char>(kExtendedA[c - 0x100]);
  return c;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf_8:
      return "UTF-8";
    case Encoding::windows_1252:
      return "Windows-1252";
    case Encoding::iso_8859_15:
      return "ISO-8859-15";
    case Encoding::utf_16_le:
      return "UTF-16LE";
    case Encoding::utf_16_be:
      return "UTF-16BE";
  }
  std::unreachable();
}

std::expected<Decoded, Problem> decode(std::string_view bytes) {
  if (bytes.empty()) return std::unexpected(Problem{.code = ProblemCode::file_empty});
  Decoded decoded;
  if (const auto utf16 = utf16_of(bytes)) {
    decoded.encoding = *utf16;
    decode_utf16(bytes, decoded);
    if (decoded.text.starts_with("\xEF\xBB\xBF")) decoded.text.erase(0, 3);
  } else {
    const bool marked = bytes.starts_with("\xEF\xBB\xBF");
    if (marked) bytes.remove_prefix(3);
    const std::string_view declaration = declared_encoding(bytes);
    std::optional<Encoding> declared = Encoding::utf_8;
    if (!marked && !declaration.empty()) declared = encoding_called(declaration);
    if (!declared) return std::unexpected(Problem{.code = ProblemCode::encoding_not_supported});
    // Text with accents that happens to be valid UTF-8 is UTF-8, whatever the file says of itself.
    const bool valid = is_utf8(bytes);
    decoded.encoding = *declared;
    if (valid && has_high_bytes(bytes)) decoded.encoding = Encoding::utf_8;
    if (!valid && *declared == Encoding::utf_8) decoded.encoding = Encoding::windows_1252;
    if (decoded.encoding != *declared) {
      decoded.problems.push_back({.code = ProblemCode::encoding_not_as_declared,
                                  .place = std::string(name_of(decoded.encoding))});
    }
    if (decoded.encoding == Encoding::utf_8) {
      decoded.text = bytes;
    } else {
      decode_single_bytes(bytes, decoded);
    }
  }
  if (decoded.text.contains('\0')) {
    return std::unexpected(Problem{.code = ProblemCode::encoding_not_supported});
  }
  if (decoded.text.empty()) return std::unexpected(Problem{.code = ProblemCode::file_empty});
  return decoded;
}

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

void append_utf8(std::string& text, char32_t code_point) {
  assert(code_point < 0x110000 && (code_point < 0xD800 || code_point > 0xDFFF));
  const auto push = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xC0 | (code_point >> 6));
    push(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    push(0xE0 | (code_point >> 12));
    push(0x80 | ((code_point >> 6) & 0x3F));
    push(0x80 | (code_point & 0x3F));
  } else {
    push(0xF0 | (code_point >> 18));
    push(0x80 | ((code_point >> 12) & 0x3F));
    push(0x80 | ((code_point >> 6) & 0x3F));
    push(0x80 | (code_point & 0x3F));
  }
}

std::string tidied(std::string_view text) {
  std::string result;
  bool gap = false;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text, at), 1);
    if (is_space(code_point_at(text, at, length))) {
      gap = !result.empty();
    } else {
      if (gap) result.push_back(' ');
      gap = false;
      result.append(text.substr(at, length));
    }
    at += length;
  }
  return result;
}

std::string lower_ascii(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string folded(std::string_view text) {
  const std::string tidy = tidied(text);
  std::string result;
  std::size_t at = 0;
  while (at < tidy.size()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(tidy, at), 1);
    const char32_t letter = plain_letter(code_point_at(tidy, at, length));
    if (letter != 0) append_utf8(result, letter);
    at += length;
  }
  return result;
}

LineIndex::LineIndex(std::string_view text) {
  starts_.push_back(0);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool lone_return = text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n');
    if (text[at] == '\n' || lone_return) starts_.push_back(at + 1);
  }
}

std::uint32_t LineIndex::line_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(starts_, offset);
  return static_cast<std::uint32_t>(after - starts_.begin());
}

}  // namespace klasboek::api::roster
