#include "api/roster_values.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "api/roster_text.h"
#include "events/event.h"
#include "vault/email.h"

namespace klasboek::api::roster {
namespace {

constexpr std::size_t kPhoneDigitsMin = 6;
constexpr std::size_t kPhoneDigitsMax = 15;  // ITU-T E.164

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

template <class Value, std::size_t kSize>
std::optional<Value> value_of(const std::array<Word<Value>, kSize>& words, std::string_view text) {
  const auto found = std::ranges::find(words, text, &Word<Value>::text);
  if (found == words.end()) return std::nullopt;
  return found->value;
}

constexpr auto kRoles = std::to_array<Word<StaffRole>>({
    {"dir", StaffRole::director},
    {"adj", StaffRole::deputy},
    {"adm", StaffRole::office},
    {"ib", StaffRole::care},
    {"lrk", StaffRole::teacher},
    {"con", StaffRole::other},
    {"ict", StaffRole::other},
    {"kla", StaffRole::other},
    {"los", StaffRole::other},
    {"loc", StaffRole::other},
    {"owa", StaffRole::other},
    {"oud", StaffRole::other},
    {"rt", StaffRole::other},
    {"smw", StaffRole::other},
    {"sta", StaffRole::other},
    {"vak", StaffRole::other},
});

constexpr auto kRelations = std::to_array<Word<Relation>>({
    {"", Relation::unknown},
    {"unknown", Relation::unknown},
    {"onbekend", Relation::unknown},
    {"father", Relation::father},
    {"vader", Relation::father},
    {"mother", Relation::mother},
    {"moeder", Relation::mother},
    {"parent", Relation::guardian},
    {"ouder", Relation::guardian},
    {"verzorger", Relation::guardian},
    {"guardian", Relation::guardian},
    {"voogd", Relation::guardian},
    {"step_parent", Relation::step_parent},
    {"stepparent", Relation::step_parent},
    {"stepfather", Relation::step_parent},
    {"stepmother", Relation::step_parent},
    {"stiefouder", Relation::step_parent},
    {"stiefvader", Relation::step_parent},
    {"stiefmoeder", Relation::step_parent},
    {"foster_parent", Relation::foster_parent},
    {"pleegouder", Relation::foster_parent},
    {"pleegvader", Relation::foster_parent},
    {"pleegmoeder", Relation::foster_parent},
    {"grandparent", Relation::contact},
    {"grootouder", Relation::contact},
    {"opa", Relation::contact},
    {"oma", Relation::contact},
    {"family", Relation::contact},
    {"familie", Relation::contact},
    {"oppas", Relation::contact},
    {"contact", Relation::contact},
    {"contactpersoon", Relation::contact},
    {"other", Relation::other},
    {"anders", Relation::other},
    {"overig", Relation::other},
});

constexpr auto kAuthorities = std::to_array<Word<Authority>>({
    {"", Authority::unknown},
    {"unknown", Authority::unknown},
    {"onbekend", Authority::unknown},
    {"?", Authority::unknown},
    {"yes", Authority::with},
    {"ja", Authority::with},
    {"j", Authority::with},
    {"y", Authority::with},
    {"true", Authority::with},
    {"1", Authority::with},
    {"with", Authority::with},
    {"no", Authority::without},
    {"nee", Authority::without},
    {"n", Authority::without},
    {"false", Authority::without},
    {"0", Authority::without},
    {"without", Authority::without},
});

// Words that stand before a family name; only the first part of what is left counts as given name.
constexpr auto kPrefixes = std::to_array<std::string_view>(
    {"van", "de",  "den", "der", "het", "'t",  "t",   "te", "ter", "ten",
     "in",  "op",  "aan", "bij", "el",  "al",  "la",  "le", "du",  "da",
     "dos", "das", "di",  "von", "zu",  "zum", "zur", "ben"});

constexpr auto kNeverTakenIn = std::to_array<std::string_view>({"bsn",
                                                                "bsn_ondwnr-4",
                                                                "bsn_ondwnr_4",
                                                                "burgerservicenummer",
                                                                "citizen_service_number",
                                                                "sofinummer",
                                                                "onderwijsnummer",
                                                                "pgn",
                                                                "persoonsgebonden_nummer",
                                                                "rijksregisternummer",
                                                                "etniciteit",
                                                                "ethnicity",
                                                                "land",
                                                                "land_vader",
                                                                "land_moeder",
                                                                "country",
                                                                "geboorteland",
                                                                "country_of_birth",
                                                                "geboorteplaats",
                                                                "place_of_birth",
                                                                "nationaliteit",
                                                                "nationality",
                                                                "gewicht",
                                                                "gewicht_nieuw",
                                                                "schoolgewicht",
                                                                "weight",
                                                                "religie",
                                                                "religion",
                                                                "geloof",
                                                                "medisch",
                                                                "medical",
                                                                "medicijnen",
                                                                "allergie",
                                                                "opleiding_ouders",
                                                                "inkomen"});

// Spaces and hyphens in words of people are underscores in ours.
std::string word_of(std::string_view text) {
  std::string word = lower_ascii(tidied(text));
  std::ranges::replace_if(word, [](char c) { return c == ' ' || c == '-'; }, '_');
  return word;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view text) {
  return std::ranges::find(words, text) != words.end();
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    if (space > 0) words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

// Prefix and family from words, of which the first may be prefixes.
PersonName with_prefix(std::span<const std::string_view> words) {
  std::size_t prefixes = 0;
  while (prefixes + 1 < words.size() && is_one_of(kPrefixes, lower_ascii(words[prefixes]))) {
    ++prefixes;
  }
  return {.given = {},
          .prefix = joined(words.first(prefixes)),
          .family = joined(words.subspan(prefixes))};
}

// "j", "jm" and "jan maria" may all be short for "jan maria": compared letter by letter of the
// words' first letters, or as the beginning of one another.
bool given_may_be_same(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty() || a == b) return true;
  const auto initials = [](const std::string& name) {
    std::string letters;
    for (const std::string_view word : words_of(name)) letters += word.front();
    return letters;
  };
  const auto is_short_for = [&](const std::string& shorter, const std::string& longer) {
    if (longer.starts_with(shorter + " ")) return true;  // a second given name left out
    std::string letters = shorter;
    std::erase(letters, ' ');
    constexpr std::size_t kInitialsMax = 3;  // longer ones are names ("Jip")
    return letters.size() <= kInitialsMax && initials(longer).starts_with(letters);
  };
  return is_short_for(a, b) || is_short_for(b, a);
}

}  // namespace

std::optional<std::string> email_address(std::string_view text) {
  return vault::normalise_email(tidied(text));
}

std::optional<std::string> phone_number(std::string_view text) {
  const std::string tidy = tidied(text);
  std::string number;
  for (std::size_t i = 0; i < tidy.size(); ++i) {
    const char c = tidy[i];
    if (is_digit(c) || (c == '+' && number.empty())) {
      number.push_back(c);
    } else if (!std::string_view(" ()-./").contains(c)) {
      return std::nullopt;
    }
  }
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(number, is_digit));
  if (digits < kPhoneDigitsMin || digits > kPhoneDigitsMax) return std::nullopt;
  return number;
}

std::optional<Day> roster_day(std::string_view text) {
  const std::string tidy = tidied(text);
  constexpr std::size_t kDayBytes = 10;
  if (tidy.size() > kDayBytes && !std::string_view("TZ+- ").contains(tidy[kDayBytes])) {
    return std::nullopt;
  }
  return events::parse_day(std::string_view(tidy).substr(0, std::min(kDayBytes, tidy.size())));
}

std::optional<std::string> school_year(std::string_view text) {
  std::string tidy = tidied(text);
  const auto is_year = [](std::string_view year) {
    return year.size() == 4 && std::ranges::all_of(year, is_digit);
  };
  if (tidy.size() != 9 || tidy[4] != '-') return std::nullopt;
  if (!is_year(tidy.substr(0, 4)) || !is_year(tidy.substr(5))) return std::nullopt;
  if (std::stoi(tidy.substr(0, 4)) + 1 != std::stoi(tidy.substr(5))) return std::nullopt;
  return tidy;
}

std::optional<StaffRole> staff_role(std::string_view code) {
  return value_of(kRoles, word_of(code));
}

std::optional<Relation> relation_of(std::string_view word) {
  return value_of(kRelations, word_of(word));
}

std::optional<Authority> authority_of(std::string_view word) {
  return value_of(kAuthorities, word_of(word));
}

PersonName split_name(std::string_view full_name) {
  const std::string tidy = tidied(full_name);
  if (const auto comma = tidy.find(','); comma != std::string::npos) {
    const std::string family = tidied(tidy.substr(0, comma));
    PersonName name = with_prefix(words_of(family));
    name.given = tidied(tidy.substr(comma + 1));
    return name;
  }
  const std::vector<std::string_view> words = words_of(tidy);
  const auto is_prefix = [](std::string_view word) {
    return is_one_of(kPrefixes, lower_ascii(word));
  };
  if (words.size() < 2 || is_prefix(words.front())) return with_prefix(words);
  // All before the first prefix is given; without one, only the first word is.
  const auto prefix = std::find_if(words.begin() + 1, words.end() - 1, is_prefix);
  const auto given =
      prefix == words.end() - 1 ? std::size_t{1} : static_cast<std::size_t>(prefix - words.begin());
  PersonName name = with_prefix(std::span(words).subspan(given));
  name.given = joined(std::span(words).first(given));
  return name;
}

bool may_be_one_person(const PersonName& a, const PersonName& b) {
  return folded(a.family) == folded(b.family) &&
         given_may_be_same(folded(a.given), folded(b.given));
}

bool is_never_taken_in(std::string_view field) { return is_one_of(kNeverTakenIn, field); }

}  // namespace klasboek::api::roster
