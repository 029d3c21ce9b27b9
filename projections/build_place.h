#pragma once
// How far a view that is being made anew has got. It stands as a row in the family that is being
// filled and changes in one step with the family's other rows, so whatever cuts the program off,
// rows and place fit each other; a family that serves has no such row.
#include <optional>
#include <string>
#include <string_view>

#include "events/log/ledger.h"
#include "projections/view.h"

namespace klasboek::projections {

/// Behind the rows of every school: no id is all ones.
inline constexpr std::string_view kBuildPlaceKey =
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

struct BuildPlace {
  std::string view;
  std::uint32_t version = 0;
  log::LogIdentity log;
  /// The commits before this position are what is folded.
  log::Position end = 0;
  /// SHA-256 of the frame at end - 1; zero where there is no commit.
  events::Hash last_frame{};
  /// Schools before it, in the order of their ids, are done, and of this one the events before the
  /// sequence.
  events::SchoolId school;
  std::uint64_t next_sequence = 0;
  /// All schools are.
  bool is_whole = false;
};

std::string encode(const BuildPlace& place);
/// nullopt where the bytes aren't of this program.
std::optional<BuildPlace> decode_build_place(std::string_view bytes);

/// Before the first school of a log that is folded up to `end`.
BuildPlace beginning(const View& view, const log::Ledger& ledger, log::Position end);
/// All commits before `end` are in.
BuildPlace whole_at(const View& view, const log::Ledger& ledger, log::Position end);
/// Whether what was built is of this view, as it is now, and of this log, which still says what it
/// said.
bool fits(const BuildPlace& place, const View& view, const log::Ledger& ledger);

}  // namespace klasboek::projections
