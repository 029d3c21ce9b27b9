#include "api/roster_guardian_csv.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "api/roster_csv.h"
#include "api/roster_guardian_columns.h"
#include "api/roster_problem_list.h"
#include "api/roster_values.h"
#include "events/event.h"

namespace klasboek::api::roster {
namespace {

using namespace guardian_csv;
using Code = ProblemCode;

std::size_t known_columns(const CsvRow& row) {
  return static_cast<std::size_t>(std::ranges::count_if(
      row.cells, [](const std::string& cell) { return column_called(cell).has_value(); }));
}

// The separator by which the first row has most known columns, and how many.
std::pair<char, std::size_t> best_separator(std::string_view text) {
  std::pair<char, std::size_t> best = {kCsvSeparators.front(), 0};
  for (const char separator : kCsvSeparators) {
    const auto rows = parse_csv(text, separator, 1);
    if (!rows || rows->empty()) continue;
    const std::size_t known = known_columns(rows->front());
    if (known > best.second) best = {separator, known};
  }
  return best;
}

std::string_view without_declaration(std::string_view text) {
  if (declared_separator(text) == '\0') return text;
  const auto end = text.find_first_of("\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(end);
}

// Somebody who has an address, as far as the rows seen so far tell.
struct AddressOwner {
  PersonName name;
  Relation relation{};
};

bool contradict(Relation a, Relation b) {
  return (a == Relation::father && b == Relation::mother) ||
         (a == Relation::mother && b == Relation::father);
}

bool may_be(const AddressOwner& owner, const Guardian& guardian) {
  return may_be_one_person(owner.name, guardian.name) &&
         !contradict(owner.relation, guardian.relation);
}

class GuardianRows {
 public:
  GuardianRows(const Header& header, RosterFile& file, ProblemList& problems)
      : header_(header), file_(file), problems_(problems) {}

  void read(const CsvRow& row) {
    if (!check_width(row)) return;
    Guardian guardian{.child_key = header_.cell(row, Column::child),
                      .name = read_name(row),
                      .email = {},
                      .phones = {},
                      .relation = {},
                      .authority = {},
                      .household = header_.cell(row, Column::household),
                      .where = {.file = 0, .line = row.line}};
    if (!check_key_and_name(guardian)) return;
    read_email(row, guardian);
    read_relation(row, guardian);
    read_phones(row, guardian);
    if (!is_repeated(guardian)) file_.guardians.push_back(std::move(guardian));
  }

  // An address that two different people have can't be the account of either.
  void take_away_shared_emails() {
    std::map<std::string, std::vector<Guardian*>> by_email;
    for (Guardian& guardian : file_.guardians) {
      if (!guardian.email.empty()) by_email[guardian.email].push_back(&guardian);
    }
    for (const auto& [email, rows] : by_email) {
      const std::size_t people = people_among(rows);
      if (people < 2) continue;
      problems_.add({.code = Code::email_of_two_people,
                     .where = rows.back()->where,
                     .place = shown(Column::email),
                     .count = people,
                     .other = rows.front()->where});
      for (Guardian* guardian : rows) guardian->email.clear();
    }
  }

 private:
  void tell(Code code, const Guardian& guardian, Column column, std::uint64_t count = 1) {
    problems_.add({.code = code,
                   .where = guardian.where,
                   .place = shown(column),
                   .key = guardian.child_key,
                   .count = count});
  }

  bool check_width(const CsvRow& row) {
    const std::size_t cells = row.cells.size();
    const auto beyond = std::span(row.cells).subspan(std::min(cells, header_.width));
    const bool shifted =
        std::ranges::any_of(beyond, [](const std::string& cell) { return !cell.empty(); });
    if (!shifted && cells >= header_.width) return true;
    problems_.add({.code = shifted ? Code::row_too_long : Code::row_too_short,
                   .where = {.file = 0, .line = row.line},
                   .count = cells});
    return !shifted;
  }

  PersonName read_name(const CsvRow& row) const {
    PersonName name{.given = header_.cell(row, Column::given),
                    .prefix = header_.cell(row, Column::prefix),
                    .family = header_.cell(row, Column::family)};
    if (name.given.empty() && name.family.empty()) {
      return split_name(header_.cell(row, Column::full_name));
    }
    return name;
  }

  bool check_key_and_name(const Guardian& guardian) {
    const PersonName& name = guardian.name;
    if (guardian.child_key.empty()) {
      tell(Code::guardian_without_child, guardian, Column::child);
    } else if (guardian.child_key.size() > kKeyBytesMax) {
      tell(Code::key_too_long, guardian, Column::child, kKeyBytesMax);
    } else if (name.given.empty() && name.family.empty()) {
      tell(Code::guardian_without_name, guardian, Column::family);
    } else if (std::max({name.given.size(), name.prefix.size(), name.family.size(),
                         guardian.household.size()}) > kNameBytesMax) {
      tell(Code::name_too_long, guardian, Column::family, kNameBytesMax);
    } else {
      return true;
    }
    return false;
  }

  void read_email(const CsvRow& row, Guardian& guardian) {
    const std::string text = header_.cell(row, Column::email);
    if (text.empty()) return;
    const auto address = email_address(text);
    if (!address) return tell(Code::email_not_an_address, guardian, Column::email);
    guardian.email = *address;
  }

  void read_relation(const CsvRow& row, Guardian& guardian) {
    const auto relation = relation_of(header_.cell(row, Column::relation));
    if (!relation) tell(Code::relation_unknown, guardian, Column::relation);
    guardian.relation = relation.value_or(Relation::unknown);
    const auto authority = authority_of(header_.cell(row, Column::authority));
    if (!authority) tell(Code::authority_unclear, guardian, Column::authority);
    guardian.authority = authority.value_or(Authority::unknown);
  }

  void read_phones(const CsvRow& row, Guardian& guardian) {
    for (const Column column : kPhones) {
      const std::string text = header_.cell(row, column);
      if (text.empty()) continue;
      const auto number = phone_number(text);
      if (!number) {
        tell(Code::phone_not_a_number, guardian, column);
      } else if (std::ranges::find(guardian.phones, *number) == guardian.phones.end()) {
        guardian.phones.push_back(*number);
      }
    }
  }

  // The same person for the same child: by address, or by name where there is no address.
  bool is_repeated(const Guardian& guardian) {
    std::string person = guardian.email;
    if (person.empty()) person = folded(guardian.name.given + "|" + guardian.name.family);
    auto& rows = seen_[{guardian.child_key, person}];
    for (const auto& [owner, where] : rows) {
      if (!may_be(owner, guardian)) continue;
      problems_.add({.code = Code::duplicate_row,
                     .where = guardian.where,
                     .place = shown(Column::child),
                     .key = guardian.child_key,
                     .other = where});
      return true;
    }
    constexpr std::size_t kPeopleMax = 8;  // more under one address are not told apart anyway
    if (rows.size() < kPeopleMax) {
      rows.push_back({{.name = guardian.name, .relation = guardian.relation}, guardian.where});
    }
    return false;
  }

  static std::size_t people_among(std::span<Guardian* const> rows) {
    constexpr std::size_t kPeopleMax = 20;
    std::vector<AddressOwner> people;
    for (const Guardian* guardian : rows) {
      const auto same =
          std::ranges::find_if(people, [&](const auto& owner) { return may_be(owner, *guardian); });
      if (same == people.end()) {
        people.push_back({.name = guardian->name, .relation = guardian->relation});
        if (people.size() == kPeopleMax) break;
        continue;
      }
      // Keep what tells most: the full name of somebody first met by initials, and the relation.
      if (guardian->name.given.size() > same->name.given.size()) same->name = guardian->name;
      if (same->relation != Relation::father && same->relation != Relation::mother) {
        same->relation = guardian->relation;
      }
    }
    return people.size();
  }

  const Header& header_;
  RosterFile& file_;
  ProblemList& problems_;
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<AddressOwner, Where>>> seen_;
};

// Tells what is wrong with the header row; true if the rows can be read by it.
bool read_header(const CsvRow& row, std::span<const CsvRow> rows, Header& header,
                 ProblemList& problems) {
  const Where where{.file = 0, .line = row.line};
  header.width = row.cells.size();
  bool usable = true;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string name = normalised(row.cells[i]);
    const auto column = column_called(name);
    if (!column) {
      if (is_never_taken_in(name)) {
        const auto filled = std::ranges::count_if(
            rows, [i](const CsvRow& r) { return i < r.cells.size() && !r.cells[i].empty(); });
        problems.add({.code = Code::field_not_taken_in,
                      .where = where,
                      .place = name,
                      .count = static_cast<std::uint64_t>(filled)});
      } else if (!name.empty()) {
        problems.add({.code = Code::column_unknown, .where = where, .count = i + 1});
      }
      continue;
    }
    auto& at = header.at.at(std::to_underlying(*column));
    if (at) {
      problems.add({.code = Code::column_doubled, .where = where, .place = shown(*column)});
      usable = false;
    }
    at = i;
  }
  if (!header.has(Column::child)) {
    problems.add({.code = Code::column_missing, .where = where, .place = shown(Column::child)});
    usable = false;
  }
  if (!header.has(Column::family) && !header.has(Column::full_name)) {
    problems.add({.code = Code::column_missing, .where = where, .place = shown(Column::family)});
    usable = false;
  }
  return usable;
}

Reading refused(ProblemList& problems, Problem problem) {
  problems.add(std::move(problem));
  return {.file = {}, .problems = problems.take()};
}

}  // namespace

std::size_t known_columns_in(std::string_view text) {
  return best_separator(without_declaration(text)).second;
}

Reading read_guardian_csv(const Decoded& decoded) {
  ProblemList problems;
  for (const Problem& problem : decoded.problems) problems.add(problem);
  const std::string_view text = without_declaration(decoded.text);
  char separator = declared_separator(decoded.text);
  if (separator == '\0') separator = best_separator(text).first;
  auto rows = parse_csv(text, separator);
  const bool no_header = known_columns_in(decoded.text) == 0;
  if (!rows && (!no_header || rows.error().code == Code::quote_not_closed)) {
    return refused(problems, std::move(rows.error()));
  }
  if (no_header) {
    return refused(problems, {.code = Code::header_missing, .where = {.file = 0, .line = 1}});
  }
  const CsvRow& first = rows->front();
  const auto rest = std::span(*rows).subspan(1);
  Header header;
  if (!read_header(first, rest, header, problems)) return {.file = {}, .problems = problems.take()};

  Reading reading;
  reading.file.kind = FileKind::guardian_csv;
  reading.file.format = "CSV";
  reading.file.covers_guardians = true;
  GuardianRows reader(header, reading.file, problems);
  for (const CsvRow& row : rest) reader.read(row);
  reader.take_away_shared_emails();
  if (reading.file.guardians.empty()) return refused(problems, {.code = Code::no_rows});
  reading.problems = problems.take();
  return reading;
}

}  // namespace klasboek::api::roster
