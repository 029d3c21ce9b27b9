#pragma once
// The elements of EDEXML 2.x and UWLR 2.2–2.3, per parent, in the order of the standard. `rank` is
// that order; equal ranks may stand in any order among each other. Names that are not here are
// unknown elements, which are skipped and told.

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace klasboek::api::roster {

struct ElementWord {
  std::string_view name;
  int rank;
};

inline constexpr auto kRosterWords = std::to_array<ElementWord>({
    {"school", 1},
    {"vestigingen", 2},
    {"groepen", 3},
    {"leerlingen", 4},
    {"leerkrachten", 5},
});

inline constexpr auto kSchoolWords = std::to_array<ElementWord>({
    {"schooljaar", 1},
    {"peildatum", 2},
    {"brincode", 3},
    {"dependancecode", 4},
    {"instellingsnummer", 4},
    {"schoolkey", 5},
    {"aanmaakdatum", 6},
    {"auteur", 7},
    {"xsdversie", 8},
    {"commentaar", 9},
    {"toevoegingen", 10},
});

inline constexpr auto kGroupsWords = std::to_array<ElementWord>({
    {"groep", 1},
    {"samengestelde_groep", 1},
});

inline constexpr auto kPupilsWords = std::to_array<ElementWord>({{"leerling", 1}});
inline constexpr auto kStaffListWords = std::to_array<ElementWord>({{"leerkracht", 1}});

inline constexpr auto kGroupWords = std::to_array<ElementWord>({
    {"naam", 1},
    {"jaargroep", 2},
    {"omschrijving", 3},
    {"toevoegingen", 4},
    {"mutatiedatum", 5},
});

inline constexpr auto kPupilWords = std::to_array<ElementWord>({
    {"achternaam", 1},
    {"voorvoegsel", 2},
    {"voornamen", 3},
    {"voorletters-1", 4},
    {"roepnaam", 5},
    {"geboortedatum", 6},
    {"geslacht", 7},
    {"start_ondw_jgr3", 8},
    {"jaargroep", 9},
    {"groep", 10},
    {"samengestelde_groepen", 11},
    {"samengestelde_groep", 11},
    {"vestiging", 12},
    {"gebruikersnaam", 13},
    {"emailadres", 14},
    {"fotourl", 15},
    {"etniciteit", 16},
    {"land", 17},
    {"land_vader", 18},
    {"land_moeder", 19},
    {"sofinummer", 20},
    {"bsn", 20},
    {"onderwijsnummer", 20},
    {"bsn_ondwnr-4", 20},
    {"rijksregisternummer", 20},
    {"gewicht_nieuw", 21},
    {"gewicht", 22},
    {"postcodenl", 23},
    {"postnummerbe", 23},
    {"postcodeoverig", 23},
    {"instroomdatum", 24},
    {"uitstroomdatum", 25},
    {"toevoegingen", 26},
    {"mutatiedatum", 27},
});

inline constexpr auto kStaffWords = std::to_array<ElementWord>({
    {"achternaam", 1},
    {"voorvoegsel", 2},
    {"voornamen", 3},
    {"voorletters-1", 4},
    {"roepnaam", 5},
    {"gebruikersnaam", 6},
    {"emailadres", 7},
    {"rol", 8},
    {"rolomschrijving", 8},
    {"groepen", 9},
    {"toevoegingen", 10},
    {"mutatiedatum", 11},
});

// Around the roster itself, and what stands in its lists.
inline constexpr auto kOtherWords = std::to_array<std::string_view>({
    "EDEX",
    "Envelope",
    "Header",
    "Body",
    "Fault",
    "leerlinggegevens",
    "leerlinggegevens_antwoord",
    "leerlinggegevens_verzoek",
    "geenwijzigingen",
    "geengegevens",
    "leerling",
    "leerkracht",
    "blok",
    "code",
});

/// True if the name, without prefix, is one of the standard.
constexpr bool is_known_element(std::string_view name) {
  const auto among = [name](std::span<const ElementWord> words) {
    return std::ranges::find(words, name, &ElementWord::name) != words.end();
  };
  return among(kRosterWords) || among(kSchoolWords) || among(kGroupsWords) || among(kGroupWords) ||
         among(kPupilWords) || among(kStaffWords) ||
         std::ranges::find(kOtherWords, name) != kOtherWords.end();
}

}  // namespace klasboek::api::roster
