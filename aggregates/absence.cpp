#include "aggregates/absence.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "aggregates/calendar.h"
#include "aggregates/fold.h"
#include "aggregates/speaker.h"

namespace klasboek::aggregates::absence {

namespace {

using events::Day;

constexpr unsigned kMinutesOfDay = 24 * 60;
constexpr Day kNoEnd{std::numeric_limits<std::int32_t>::max()};

Day end_of(const Span& span) { return span.open_ended ? kNoEnd : span.last_day; }

/// What has no meaning in a span is always the same, so that equal spans compare equal: the last
/// day of one without an end is its first, the minutes of whole days are 0.
Span cleaned(Span span) {
  if (span.open_ended) span.last_day = span.first_day;
  if (span.whole_days) span.from_minute = span.until_minute = 0;
  return span;
}

Span span_of(const events::ReportAbsence& command) {
  return cleaned({command.first_day, command.last_day, command.open_ended, command.whole_days,
                  command.from_minute, command.until_minute});
}

template <class Event>
Span span_in(const Event& event) {
  return {event.first_day,  event.last_day,    event.open_ended,
          event.whole_days, event.from_minute, event.until_minute};
}

template <class Event>
void put_span(Event& event, const Span& span) {
  event.first_day = span.first_day;
  event.last_day = span.last_day;
  event.open_ended = span.open_ended;
  event.whole_days = span.whole_days;
  event.from_minute = span.from_minute;
  event.until_minute = span.until_minute;
}

/// Parts of one day that don't touch (late in the morning, the dentist after noon) don't overlap.
bool overlap(const Span& a, const Span& b) {
  if (a.first_day > end_of(b) || b.first_day > end_of(a)) return false;
  if (a.whole_days || b.whole_days) return true;
  return a.from_minute < b.until_minute && b.from_minute < a.until_minute;
}

/// What both say together. REQUIRES: they overlap.
Span joined(const Span& a, const Span& b) {
  Span both;
  both.first_day = std::min(a.first_day, b.first_day);
  both.last_day = std::max(a.last_day, b.last_day);
  both.open_ended = a.open_ended || b.open_ended;
  both.whole_days = a.whole_days || b.whole_days;
  both.from_minute = std::min(a.from_minute, b.from_minute);
  both.until_minute = std::max(a.until_minute, b.until_minute);
  return cleaned(both);
}

std::optional<Day> first_school_day(const Span& span, const school::State& school) {
  const Day last =
      span.open_ended ? span.first_day.plus(kOpenEndedMeetsSchoolWithinDays - 1) : span.last_day;
  for (Day day = span.first_day; day <= last; day = day.plus(1)) {
    if (is_school_day(school, day)) return day;
  }
  return std::nullopt;
}

/// The bell of the span's first school day. (Where the calendar was changed so that there is none
/// any more, of its first day.)
std::int64_t bell_us(const Span& span, const school::State& school) {
  const Day day = first_school_day(span, school).value_or(span.first_day);
  return moment_of(school.time_zone, day, starts_minute(school, day));
}

/// When it begins: at the bell, or at its own minute where that is a part of a day after it.
bool has_begun(const Span& span, const school::State& school, const Context& context) {
  auto begins_us = bell_us(span, school);
  if (!span.whole_days) {
    begins_us = std::max(begins_us, moment_of(school.time_zone, span.first_day, span.from_minute));
  }
  return context.now_us >= begins_us;
}

Day earliest_day(const school::State& school, const Context& context) {
  const Day now = today(school, context.now_us);
  return speaks_for_itself(context) ? now : now.plus(-kStaffReportBackDaysMax);
}

std::optional<Rejection> refuse_span(const Span& span, Day today) {
  if (!span.open_ended && span.last_day < span.first_day) return Rejection::absence_days_invalid;
  if (!span.whole_days) {
    const bool on_one_day = !span.open_ended && span.last_day == span.first_day;
    const bool in_order = span.from_minute < span.until_minute;
    if (!on_one_day || !in_order || span.until_minute > kMinutesOfDay) {
      return Rejection::absence_part_of_day_invalid;
    }
  }
  const Day from = std::max(span.first_day, today);
  if (!span.open_ended && span.last_day > from.plus(kReportDaysMax - 1)) {
    return Rejection::absence_too_long;
  }
  return std::nullopt;
}

/// Days that have passed can be taken out of an absence, but not put in.
bool adds_past_days(const Span& span, const Span& changed, const school::State& school,
                    const Context& context) {
  if (end_of(changed) <= end_of(span)) return false;
  const Day last_past = std::min(end_of(changed), earliest_day(school, context).plus(-1));
  return count_school_days(school, span.last_day.plus(1), last_past) > 0;
}

std::optional<Rejection> refuse_enrolment(const Span& span, const child::State& child) {
  if (span.first_day < child.first_day) return Rejection::day_before_enrolment;
  if (!child.last_day) return std::nullopt;
  if (span.last_day > *child.last_day) return Rejection::child_left;
  return std::nullopt;
}

/// Staff may note for whom they write down a report; it is then a guardian of this child.
std::optional<Rejection> refuse_reporter(const child::State& child, const Context& context) {
  if (!child.enrolled) return Rejection::child_not_found;
  const bool names_another = speaker_of(context) != context.actor.account;
  if (names_another && child::guardian_of(child, speaker_of(context)) == nullptr) {
    return Rejection::guardian_not_linked;
  }
  return std::nullopt;
}

using Known = std::pair<const events::AbsenceId, Absence>;

/// Those that weren't taken back and overlap, but for the one that is asked about.
std::vector<const Known*> overlapping(const State& state, const Span& span,
                                      events::AbsenceId but_for) {
  std::vector<const Known*> found;
  for (const auto& known : state.absences) {
    const auto& [id, absence] = known;
    if (id != but_for && !absence.withdrawn && overlap(absence.span, span)) {
      found.push_back(&known);
    }
  }
  return found;
}

Decision reported(const events::ReportAbsence& command, const Span& span,
                  const school::State& school, const Context& context) {
  events::AbsenceReported event;
  event.absence = command.absence;
  event.reason = command.reason;
  put_span(event, span);
  event.note = context.text(command.note);
  event.timing = context.now_us < bell_us(span, school) ? events::ReportTiming::on_time
                                                        : events::ReportTiming::after_start;
  event.reported_by = speaker_of(context);
  return on_stream(events::absence_stream(command.child), std::move(event));
}

/// One absence per child: who reports what is known already adds to it.
Decision added(const events::ReportAbsence& command, const Span& span, const Known& known,
               const school::State& school, const Context& context) {
  const Span both = joined(known.second.span, span);
  if (const auto refused = refuse_span(both, today(school, context.now_us))) {
    return std::unexpected(*refused);
  }
  events::AbsenceReportAdded event;
  event.absence = known.first;
  event.reason = command.reason;
  put_span(event, both);
  event.note = context.text(command.note);
  event.reported_by = speaker_of(context);
  return on_stream(events::absence_stream(command.child), std::move(event));
}

/// The absence, where it is there and wasn't taken back.
std::expected<const Absence*, Rejection> standing(const State& state, events::AbsenceId id) {
  const Absence* absence = absence_of(state, id);
  if (absence == nullptr) return std::unexpected(Rejection::absence_not_found);
  if (absence->withdrawn) return std::unexpected(Rejection::absence_withdrawn);
  return absence;
}

void add_reporter(Absence& absence, events::AccountId account, const Happened& happened) {
  absence.reporters.insert(account);
  absence.reported_by_guardian |=
      happened.actor.role == events::Role::guardian || !happened.actor.on_behalf_of.is_zero();
}

}  // namespace

void evolve(State& state, const events::AbsenceEvent& event, const Happened& happened) {
  std::visit(
      Overloaded{
          [&](const events::AbsenceReported& e) {
            auto& absence = state.absences[e.absence];
            absence.reason = e.reason;
            absence.span = span_in(e);
            add_reporter(absence, e.reported_by, happened);
          },
          [&](const events::AbsenceReportAdded& e) {
            auto& absence = state.absences[e.absence];
            absence.span = span_in(e);
            add_reporter(absence, e.reported_by, happened);
          },
          [&](const events::AbsenceEndChanged& e) {
            auto& span = state.absences[e.absence].span;
            span.last_day = e.last_day;
            span.open_ended = e.open_ended;
          },
          [&](const events::AbsenceWithdrawn& e) { state.absences[e.absence].withdrawn = true; },
          [&](const events::RecoveryReported& e) {
            auto& span = state.absences[e.absence].span;
            span.last_day = e.last_day;
            span.open_ended = false;
          },
          [&](const events::AbsenceClassified& e) {
            state.absences[e.absence].classification = e.classification;
          },
      },
      event);
}

const Absence* absence_of(const State& state, events::AbsenceId id) {
  const auto found = state.absences.find(id);
  return found == state.absences.end() ? nullptr : &found->second;
}

Decision decide(const events::ReportAbsence& command, const State& state,
                const school::State& school, const child::State& child, const Context& context) {
  if (const auto refused = refuse_reporter(child, context)) return std::unexpected(*refused);
  if (absence_of(state, command.absence) != nullptr) {
    return std::unexpected(Rejection::absence_exists);
  }
  const Span span = span_of(command);
  if (const auto refused = refuse_span(span, today(school, context.now_us))) {
    return std::unexpected(*refused);
  }
  if (span.first_day < earliest_day(school, context)) {
    return std::unexpected(Rejection::absence_in_past);
  }
  if (const auto refused = refuse_enrolment(span, child)) return std::unexpected(*refused);
  if (!first_school_day(span, school)) return std::unexpected(Rejection::absence_no_school_day);

  const auto known = overlapping(state, span, command.absence);
  if (known.empty()) return reported(command, span, school, context);
  const bool by_you = std::ranges::any_of(
      known, [&](const Known* one) { return one->second.reporters.contains(speaker_of(context)); });
  if (by_you) return std::unexpected(Rejection::absence_already_reported_by_you);
  if (known.size() > 1) return std::unexpected(Rejection::absence_overlaps_another);
  return added(command, span, *known.front(), school, context);
}

Decision decide(const events::ChangeAbsenceEnd& command, const State& state,
                const school::State& school, const child::State& child, const Context& context) {
  const auto absence = standing(state, command.absence);
  if (!absence) return std::unexpected(absence.error());
  const Span& span = (*absence)->span;
  Span changed = span;
  changed.last_day = command.last_day;
  changed.open_ended = command.open_ended;
  changed = cleaned(changed);
  if (changed == span) return std::unexpected(Rejection::absence_end_unchanged);
  if (const auto refused = refuse_span(changed, today(school, context.now_us))) {
    return std::unexpected(*refused);
  }
  if (adds_past_days(span, changed, school, context)) {
    return std::unexpected(Rejection::absence_in_past);
  }
  if (const auto refused = refuse_enrolment(changed, child)) return std::unexpected(*refused);
  if (!first_school_day(changed, school)) return std::unexpected(Rejection::absence_no_school_day);
  if (!overlapping(state, changed, command.absence).empty()) {
    return std::unexpected(Rejection::absence_overlaps_another);
  }
  events::AbsenceEndChanged event;
  event.absence = command.absence;
  event.last_day = changed.last_day;
  event.open_ended = changed.open_ended;
  return on_stream(events::absence_stream(command.child), std::move(event));
}

Decision decide(const events::WithdrawAbsence& command, const State& state,
                const school::State& school, const child::State& /*child*/,
                const Context& context) {
  const auto absence = standing(state, command.absence);
  if (!absence) return std::unexpected(absence.error());
  const bool own_slip_of_staff = !speaks_for_itself(context) && !(*absence)->reported_by_guardian;
  if (has_begun((*absence)->span, school, context) && !own_slip_of_staff) {
    return std::unexpected(Rejection::absence_has_begun);
  }
  events::AbsenceWithdrawn event;
  event.absence = command.absence;
  return on_stream(events::absence_stream(command.child), std::move(event));
}

Decision decide(const events::ReportRecovery& command, const State& state,
                const school::State& school, const child::State& /*child*/,
                const Context& context) {
  const auto absence = standing(state, command.absence);
  if (!absence) return std::unexpected(absence.error());
  const Span& span = (*absence)->span;
  if (command.back_on > end_of(span)) return std::unexpected(Rejection::absence_already_ended);
  if (!has_begun(span, school, context)) return std::unexpected(Rejection::absence_not_begun);
  if (command.back_on <= span.first_day) return std::unexpected(Rejection::absence_days_invalid);
  if (command.back_on > today(school, context.now_us).plus(kReportDaysMax)) {
    return std::unexpected(Rejection::absence_too_long);
  }
  Day last = command.back_on.plus(-1);
  while (last > span.first_day && !is_school_day(school, last)) last = last.plus(-1);
  events::RecoveryReported event;
  event.absence = command.absence;
  event.last_day = last;
  return on_stream(events::absence_stream(command.child), std::move(event));
}

Decision decide(const events::ClassifyAbsence& command, const State& state,
                const school::State& /*school*/, const child::State& /*child*/,
                const Context& /*context*/) {
  const auto absence = standing(state, command.absence);
  if (!absence) return std::unexpected(absence.error());
  if ((*absence)->classification == command.classification) {
    return std::unexpected(Rejection::absence_class_unchanged);
  }
  events::AbsenceClassified event;
  event.absence = command.absence;
  event.classification = command.classification;
  return on_stream(events::absence_stream(command.child), std::move(event));
}

}  // namespace klasboek::aggregates::absence
