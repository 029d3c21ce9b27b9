#pragma once
// Consent per child and purpose, now and as of any sequence: who answered what and how, and what it
// comes to by the one rule (events/consent_rule.h). Answers, guardians with their authority, and
// the school's policy each have a row per change, so the outcome at a sequence is found by one seek
// in each and computed when read.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   a child purpose ~sequence   the last answer of everybody, and which of them is new here
//   l child ~sequence           guardians: authority and household
//   s ~sequence                 policy, and the purposes with their notices
//   v child                     version of the child's consent stream
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/consent_rule.h"
#include "events/event.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::consent_view {

inline constexpr std::string_view kName = "consent";

/// The state that is asked about: after the event with this sequence; nullopt is now.
using At = std::optional<std::uint64_t>;

struct Answer {
  events::AccountId answered_by;
  /// given, refused or withdrawn; lapsed where a later notice asked again (never in a history).
  events::ConsentVoice voice = events::ConsentVoice::silent;
  bool by_pupil = false;
  std::uint32_t notice_version = 0;
  std::string language;
  events::AnswerRoute route = events::AnswerRoute::portal;
  /// By the calendar year in which it begins; 0 between two.
  std::uint16_t school_year = 0;
  /// Who recorded it: himself, or staff on his behalf.
  events::Actor recorded_by;
  std::int64_t recorded_at_us = 0;
  /// When it was really given.
  std::int64_t given_at_us = 0;
  std::uint64_t sequence = 0;
  events::EventId event;
};

/// A guardian with authority, and what he says.
struct Decider {
  events::AccountId guardian;
  std::uint8_t household = 1;
  events::ConsentVoice voice = events::ConsentVoice::silent;
};

struct ConsentRow {
  events::PurposeId purpose;
  std::string purpose_code;
  /// Of the notice that counted then.
  std::uint32_t notice_version = 0;
  events::ConsentOutcome outcome = events::ConsentOutcome::no_response;
  /// Everybody's last answer, also of those who no longer decide; by sequence.
  std::vector<Answer> answers;
  /// Who had authority then.
  std::vector<Decider> deciders;
};

/// Every purpose that the school asked for then, in the order of their ids.
std::vector<ConsentRow> consents(const ViewSnapshot& views, events::SchoolId school,
                                 events::ChildId child, At at = std::nullopt);
/// nullopt where there was no such purpose.
std::optional<ConsentRow> consent(const ViewSnapshot& views, events::SchoolId school,
                                  events::ChildId child, events::PurposeId purpose,
                                  At at = std::nullopt);
/// Version of the child's consent stream now, for ETag; 0 before the first answer.
std::uint64_t stream_version(const ViewSnapshot& views, events::SchoolId school,
                             events::ChildId child);

struct HistoryPage {
  /// As they were given, newest first.
  std::vector<Answer> answers;
  /// Sequence of the last one; nullopt: that was all.
  std::optional<std::uint64_t> next;
};
/// Every answer to a purpose, at most `limit` after (older than) a sequence. REQUIRES: limit > 0.
HistoryPage history(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                    events::PurposeId purpose, const std::optional<std::uint64_t>& after,
                    std::size_t limit);

struct OverviewRow {
  events::ChildId child;
  events::ConsentOutcome outcome = events::ConsentOutcome::no_response;
};
/// What it comes to for each child of the group on that day (of a whole-school group: everybody
/// enrolled), in the order of the children's ids.
std::vector<OverviewRow> overview(const ViewSnapshot& views, events::SchoolId school,
                                  events::GroupId group, events::PurposeId purpose,
                                  events::Day day);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::consent_view
