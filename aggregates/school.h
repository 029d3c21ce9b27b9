#pragma once
// The school: settings, calendar, purposes of consent and their notices.
#include <map>
#include <string>
#include <vector>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::school {

using Event = events::SchoolEvent;

struct SchoolYear {
  events::Day first_day;
  events::Day last_day;
  std::vector<events::Period> periods;
  bool operator==(const SchoolYear&) const = default;
};

struct Notice {
  std::uint32_t version = 0;
  std::vector<events::NoticeText> texts;
  bool operator==(const Notice&) const = default;
};

struct Purpose {
  std::string code;
  Notice notice;
  /// A "yes" to a version before this one has lapsed: the notice that last asked again.
  std::uint32_t asked_from_version = 1;
  bool operator==(const Purpose&) const = default;
};

struct State {
  using Event = events::SchoolEvent;
  bool founded = false;
  std::string name;
  std::string time_zone;
  /// By ISO weekday; a weekday that is missing has no school.
  std::map<unsigned, events::SchoolDay> school_days;
  /// By the calendar year in which it begins.
  std::map<int, SchoolYear> school_years;
  std::uint16_t posting_opens_minute = 8 * 60;
  std::uint16_t posting_closes_minute = 17 * 60;
  events::SilencePolicy one_household = events::SilencePolicy::one_yes_counts;
  events::SilencePolicy two_households = events::SilencePolicy::all_must_answer;
  std::map<events::PurposeId, Purpose> purposes;
  /// Staff log in with a one-time code too.
  bool staff_codes = false;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const Event& event, const Happened& happened);

Decision decide(const events::FoundSchool& command, const State& state, const Context& context);
Decision decide(const events::RenameSchool& command, const State& state, const Context& context);
Decision decide(const events::SetSchoolDays& command, const State& state, const Context& context);
Decision decide(const events::SetSchoolYear& command, const State& state, const Context& context);
Decision decide(const events::SetPostingWindow& command, const State& state,
                const Context& context);
Decision decide(const events::SetConsentPolicy& command, const State& state,
                const Context& context);
Decision decide(const events::AddPurpose& command, const State& state, const Context& context);
Decision decide(const events::PublishNotice& command, const State& state, const Context& context);
Decision decide(const events::SetStaffCodes& command, const State& state, const Context& context);

}  // namespace klasboek::aggregates::school
