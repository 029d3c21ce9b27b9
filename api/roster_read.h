#pragma once
// The one door for roster files: whatever bytes somebody uploads, this says what is in them.
// Pure; safe from any thread. Never throws but for lack of memory.

#include <span>
#include <string>
#include <string_view>

#include "api/roster_file.h"

namespace klasboek::api::roster {

/// A file as somebody handed it in.
struct NamedFile {
  std::string name;
  std::string bytes;
};

/// Reads EDEXML, UWLR or a guardian CSV, told apart by content; `file_name_hint` (may be empty)
/// only decides between CSV and nothing known when the content leaves that open. `today`, in the
/// school's time zone, judges days of birth and leaving. The result holds a roster, or at least one
/// problem that refuses the file (`refuses_file`).
Reading read_roster(std::string_view bytes, std::string_view file_name_hint, Day today);

/// Files of one school that are imported together as one roster: one with pupils, one with
/// guardians, in either order. Lines keep the number of their file (`Where::file`, in the order
/// given). Two of a kind are refused (files_alike): which of them holds can't be known.
Reading combine(std::span<const Reading> readings);

}  // namespace klasboek::api::roster
