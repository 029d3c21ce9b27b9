#pragma once
// The columns of the guardian CSV and the names they go by. Only for roster_guardian_csv.cpp.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/roster_csv.h"
#include "api/roster_text.h"

namespace klasboek::api::roster::guardian_csv {

enum class Column : std::uint8_t {
  child,
  given,
  prefix,
  family,
  full_name,
  email,
  relation,
  authority,
  household,
  phone1,
  phone2,
  phone3,
};
inline constexpr std::size_t kColumns = 12;
inline constexpr std::array kPhones = {Column::phone1, Column::phone2, Column::phone3};

struct ColumnName {
  std::string_view name;
  Column column;
};

inline constexpr auto kNames = std::to_array<ColumnName>({
    {"child_key", Column::child},
    {"child", Column::child},
    {"pupil", Column::child},
    {"pupil_key", Column::child},
    {"leerling", Column::child},
    {"leerling_key", Column::child},
    {"leerlingkey", Column::child},
    {"leerlingnummer", Column::child},
    {"given_name", Column::given},
    {"first_name", Column::given},
    {"voornaam", Column::given},
    {"roepnaam", Column::given},
    {"prefix", Column::prefix},
    {"voorvoegsel", Column::prefix},
    {"tussenvoegsel", Column::prefix},
    {"family_name", Column::family},
    {"last_name", Column::family},
    {"surname", Column::family},
    {"achternaam", Column::family},
    {"name", Column::full_name},
    {"full_name", Column::full_name},
    {"naam", Column::full_name},
    {"email", Column::email},
    {"e_mail", Column::email},
    {"emailadres", Column::email},
    {"e_mailadres", Column::email},
    {"email_address", Column::email},
    {"relation", Column::relation},
    {"relatie", Column::relation},
    {"authority", Column::authority},
    {"parental_authority", Column::authority},
    {"gezag", Column::authority},
    {"ouderlijk_gezag", Column::authority},
    {"household", Column::household},
    {"huishouden", Column::household},
    {"phone", Column::phone1},
    {"phone1", Column::phone1},
    {"telefoon", Column::phone1},
    {"telefoon1", Column::phone1},
    {"telefoonnummer", Column::phone1},
    {"phone2", Column::phone2},
    {"telefoon2", Column::phone2},
    {"mobile", Column::phone2},
    {"mobiel", Column::phone2},
    {"phone3", Column::phone3},
    {"telefoon3", Column::phone3},
});

// The names that are shown for a column: Dutch, then English.
inline constexpr std::array<std::string_view, kColumns> kShown = {
    "leerling/child_key",     "voornaam/given_name", "voorvoegsel/prefix",
    "achternaam/family_name", "naam/name",           "email",
    "relatie/relation",       "gezag/authority",     "huishouden/household",
    "telefoon1/phone1",       "telefoon2/phone2",    "telefoon3/phone3"};

inline std::string shown(Column column) {
  return std::string(kShown.at(std::to_underlying(column)));
}

inline std::string normalised(std::string_view header) {
  std::string name = lower_ascii(tidied(header));
  std::ranges::replace_if(name, [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
}

inline std::optional<Column> column_called(std::string_view header) {
  const auto found = std::ranges::find(kNames, normalised(header), &ColumnName::name);
  if (found == kNames.end()) return std::nullopt;
  return found->column;
}

struct Header {
  std::array<std::optional<std::size_t>, kColumns> at;  // cell of each column
  std::size_t width = 0;

  bool has(Column column) const { return at.at(std::to_underlying(column)).has_value(); }
  std::string cell(const CsvRow& row, Column column) const {
    const auto index = at.at(std::to_underlying(column));
    return index && *index < row.cells.size() ? row.cells[*index] : std::string();
  }
};

}  // namespace klasboek::api::roster::guardian_csv
