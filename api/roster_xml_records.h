#pragma once
// The records of a parsed roster: groups, pupils and staff, one function each, with every dirty
// thing that real files have in them. Used by roster_xml.cpp alone.

#include <optional>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/roster_file.h"
#include "api/roster_problem_list.h"
#include "api/roster_text.h"
#include "api/roster_xml_words.h"

namespace klasboek::api::roster {

/// The first child element with this name, whatever its prefix; null where none.
pugi::xml_node child_called(pugi::xml_node parent, std::string_view name);
/// All of them, in the order of the file.
std::vector<pugi::xml_node> children_called(pugi::xml_node parent, std::string_view name);
/// The text directly in an element, tidied; empty for null.
std::string text_of(pugi::xml_node node);

// What reading an element needs beside the element. Refers to its arguments.
class XmlSource {
 public:
  XmlSource(const LineIndex& lines, ProblemList& problem_list)
      : problems(problem_list), lines_(lines) {}

  /// The line of an element; line 0 for null.
  Where where(pugi::xml_node node) const;
  /// Tells of children that are unknown, never taken in, or out of order: once per kind.
  void check_children(pugi::xml_node parent, std::string_view parent_name,
                      std::span<const ElementWord> words);

  ProblemList& problems;

 private:
  const LineIndex& lines_;
};

// REQUIRES: groups are read before pupils and staff. Refers to its arguments.
class XmlRecords {
 public:
  XmlRecords(XmlSource& source, Day today, RosterFile& file)
      : source_(source), today_(today), file_(file) {}

  void read_group(pugi::xml_node node, bool combined);
  void read_pupil(pugi::xml_node node);
  void read_staff(pugi::xml_node node);
  /// An address that several people have can't be an account of any of them.
  void take_away_shared_emails();

 private:
  using Lines = std::unordered_map<std::string, Where>;

  struct KeyProblems {
    ProblemCode without;
    ProblemCode doubled;
  };
  // `text` is empty where the record can't be taken in, which has been told then.
  struct NewKey {
    std::string text;
    bool doubled = false;
  };

  NewKey new_key(pugi::xml_node node, Lines& seen, KeyProblems told);
  /// nullopt after telling that there is no name or that a part of it is too long.
  std::optional<PersonName> read_name(pugi::xml_node node, std::string_view key,
                                      ProblemCode without);
  void read_birth_day(pugi::xml_node node, Pupil& pupil);
  void read_pupil_groups(pugi::xml_node node, Pupil& pupil);
  void add_extra_group(pugi::xml_node reference, Pupil& pupil);
  void read_roles(pugi::xml_node node, std::string_view key, std::vector<StaffRole>& roles);
  void read_staff_groups(pugi::xml_node node, StaffMember& member);
  void read_email(pugi::xml_node node, StaffMember& member);

  XmlSource& source_;
  Day today_;
  RosterFile& file_;
  Lines groups_;
  Lines pupils_;
  Lines staff_;
};

}  // namespace klasboek::api::roster
