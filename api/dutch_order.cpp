#include "api/dutch_order.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace klasboek::api {

namespace {

constexpr char32_t kNotText = 0xFFFD;

/// The base letters of U+00C0 to U+024F and U+1E00 to U+1EFF, by Unicode's decompositions and,
/// where it has none, by what people type (ø, đ, ł, ı); `.` where it is no one letter.
constexpr char32_t kLatinFrom = 0xC0;
constexpr std::string_view kLatin =
    "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllll."
    ".llnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    "...............e.ff.............oo.............uu..............."
    ".............aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa...."
    "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............"
    "................";
constexpr char32_t kLatinAdditionalFrom = 0x1E00;
constexpr std::string_view kLatinAdditional =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static_assert(kLatin.size() == 0x250 - 0xC0 && kLatinAdditional.size() == 0x100);

constexpr std::array<std::pair<char32_t, std::string_view>, 14> kSeveralLetters = {
    {{0xC6, "ae"},
     {0xDE, "th"},
     {0xDF, "ss"},
     {0xE6, "ae"},
     {0xFE, "th"},
     {0x132, "ij"},
     {0x133, "ij"},
     {0x13F, "l"},
     {0x140, "l"},
     {0x14A, "n"},
     {0x14B, "n"},
     {0x152, "oe"},
     {0x153, "oe"},
     {0x1E9E, "ss"}}};

bool is_combining(char32_t c) { return c >= 0x300 && c <= 0x36F; }

/// Typed in many ways, and left out as often.
bool falls_away(char32_t c) {
  constexpr std::array<char32_t, 9> kMarks = {'\'',   '.',    '`',   0xB4, 0x2018,
                                              0x2019, 0x201B, 0x2BC, 0x2BB};
  return is_combining(c) || std::ranges::find(kMarks, c) != kMarks.end();
}

bool separates(char32_t c) {
  const bool is_ascii_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  return (c < 0x80 && !is_ascii_letter && !is_digit) || c == 0xA0 || c == 0xAD ||
         (c >= 0x2000 && c <= 0x2015);
}

/// The next character, taken off the front; bytes that are no UTF-8 are one each.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size > text.size() || (first >= 0x80 && first < 0xC0)) {
    text.remove_prefix(1);
    return kNotText;
  }
  char32_t c = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    c = (c << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  }
  text.remove_prefix(size);
  return c;
}

/// Empty where the character has no base letters.
std::string_view base_letters(char32_t c) {
  const auto several =
      std::ranges::find(kSeveralLetters, c, &std::pair<char32_t, std::string_view>::first);
  if (several != kSeveralLetters.end()) return several->second;
  const auto in = [&](char32_t from, std::string_view table) -> std::string_view {
    if (c < from || c >= from + table.size() || table[c - from] == '.') return {};
    return table.substr(c - from, 1);
  };
  const auto latin = in(kLatinFrom, kLatin);
  return latin.empty() ? in(kLatinAdditionalFrom, kLatinAdditional) : latin;
}

void add(std::string& out, char32_t c, std::string_view as_written) {
  if (falls_away(c)) return;
  if (separates(c)) {
    if (!out.empty() && out.back() != ' ') out += ' ';
  } else if (c < 0x80) {
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  } else if (const auto letters = base_letters(c); !letters.empty()) {
    out += letters;
  } else {
    out += as_written;
  }
}

bool is_lower_case_word(std::string_view word) {
  // 't, 's and d' begin with or hold an apostrophe.
  const auto letter = word.find_first_not_of("'\xE2\x80\x98\x99");
  return letter != std::string_view::npos && word[letter] >= 'a' && word[letter] <= 'z';
}

/// A family name begins with a capital; small words before it are a prefix.
std::string_view without_prefix(std::string_view family) {
  std::string_view rest = family;
  for (;;) {
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) return is_lower_case_word(rest) ? family : rest;
    if (!is_lower_case_word(rest.substr(0, space))) return rest;
    rest.remove_prefix(space + 1);
  }
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto before = text;
    const auto c = take_character(text);
    add(out, c, before.substr(0, before.size() - text.size()));
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

NameOrder order_of(const PersonName& name) {
  return {folded(without_prefix(name.family)), folded(name.given), folded(name.prefix)};
}

bool is_part_of(std::string_view folded_query, const PersonName& name) {
  const auto whole = folded(name.full());
  while (!folded_query.empty()) {
    const auto word = folded_query.substr(0, folded_query.find(' '));
    if (!whole.contains(word)) return false;
    folded_query.remove_prefix(std::min(folded_query.size(), word.size() + 1));
  }
  return true;
}

}  // namespace klasboek::api
