#pragma once
// What a roster file says, as plain values. Sensitive fields that such files often carry (citizen
// service number, ethnicity, country of birth, weight and the like) have no place here on purpose:
// they are never taken in. Nothing here is validated beyond what the readers promise; the readers'
// problems say what was left out. Copyable; no thread rules.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/person_text.h"
#include "api/roster_problem.h"
#include "events/day.h"

// Declared here so that this header stays light; their values are in events/event.h.
namespace klasboek::events::wire {
enum class Relation : std::uint8_t;
enum class Authority : std::uint8_t;
}  // namespace klasboek::events::wire

namespace klasboek::api::roster {

using api::PersonName;
using events::Day;
using events::wire::Authority;
using events::wire::Relation;

inline constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kKeyBytesMax = 1024;  // EDEXML: 256 characters
inline constexpr std::size_t kNameBytesMax = 800;  // EDEXML: 200 characters

enum class FileKind : std::uint8_t { edexml, uwlr, guardian_csv };

struct Group {
  std::string key;
  std::string name;
  std::string year_group;  // jaargroep as in the file; empty for a combined group
  bool combined = false;   // samengestelde_groep: a group beside the class
  Where where;
};

struct Pupil {
  std::string key;
  PersonName name;
  std::optional<Day> birth_day;
  std::string group_key;  // the class; empty where the file names none that exists
  std::vector<std::string> extra_group_keys;
  Where where;
};

/// The roles that mean something to us; `other` is staff without a class of their own.
enum class StaffRole : std::uint8_t { director, deputy, office, care, teacher, other };

struct StaffMember {
  std::string key;
  PersonName name;
  std::string email;                       // normalised; empty where none can be used
  std::vector<StaffRole> roles;            // without repetition, in the order of the enum
  std::vector<std::string> taught_groups;  // groups this person stands before
  std::vector<std::string> linked_groups;  // other groups that the file links
  Where where;
};

struct Guardian {
  std::string child_key;
  PersonName name;
  std::string email;                // normalised; empty where none can be used
  std::vector<std::string> phones;  // in contact order, digits with an optional leading +
  Relation relation{};              // unknown where the file says nothing
  Authority authority{};            // the same; unknown gives no right
  std::string household;            // as in the file; equal text is one household
  Where where;
};

struct School {
  std::string brin;  // BRIN, with the branch's two digits where given; or institution number
  std::string key;   // schoolkey of the supplier
  std::string name;  // only known where the file names exactly one location
};

struct RosterFile {
  FileKind kind = FileKind::edexml;
  std::string format;  // for people, as in "UWLR 2.3"
  School school;
  std::string school_year;        // "2026-2027"; empty where unclear
  std::optional<Day> as_of;       // peildatum
  bool covers_pupils = false;     // groups, pupils and staff that are absent here are gone
  bool covers_guardians = false;  // so are guardians of children that are named here
  std::vector<Group> groups;
  std::vector<Pupil> pupils;
  std::vector<StaffMember> staff;
  std::vector<Guardian> guardians;
  /// Who is in the file but had to be left out: they are not gone from the school.
  std::vector<std::string> left_out_pupil_keys;
  std::vector<std::string> left_out_staff_keys;
  std::uint32_t pupils_without_key = 0;
  std::uint32_t staff_without_key = 0;
};

struct Reading {
  RosterFile file;
  std::vector<Problem> problems;  // by line
};

}  // namespace klasboek::api::roster
