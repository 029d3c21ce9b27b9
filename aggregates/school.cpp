#include "aggregates/school.h"

#include <algorithm>
#include <bitset>
#include <string_view>

#include "aggregates/calendar.h"
#include "aggregates/fold.h"

namespace klasboek::aggregates::school {

namespace {

constexpr unsigned kMinutesPerDay = 24 * 60;
constexpr std::size_t kCodeLengthMin = 2;
constexpr std::size_t kCodeLengthMax = 40;
/// Longer is a slip in the year's number.
constexpr std::int32_t kSchoolYearDaysMax = 400;

events::Stream stream_of(const Context& context) { return events::school_stream(context.school); }

bool is_within_day(unsigned starts_minute, unsigned ends_minute) {
  return starts_minute < ends_minute && ends_minute <= kMinutesPerDay;
}

bool are_valid(const std::vector<events::SchoolDay>& days) {
  std::bitset<8> seen;
  for (const auto& day : days) {
    if (day.weekday() < 1 || day.weekday() > 7 || seen.test(day.weekday())) return false;
    if (!is_within_day(day.starts_minute(), day.ends_minute())) return false;
    seen.set(day.weekday());
  }
  return seen.any();
}

/// Begins before it ends; its periods lie in it, in order and apart.
bool is_valid(const events::SetSchoolYear& year) {
  if (year.first_day >= year.last_day) return false;
  if (year.last_day > year.first_day.plus(kSchoolYearDaysMax)) return false;
  auto free_until = year.first_day.plus(-1);
  for (const auto& period : year.periods) {
    if (period.first_day <= free_until || period.last_day < period.first_day) return false;
    if (period.last_day > year.last_day) return false;
    free_until = period.last_day;
  }
  return true;
}

int begins_in(events::Day first_day) { return static_cast<int>(first_day.date().year()); }

/// Overlaps a year other than the one that it would replace.
bool overlaps_another(const events::SetSchoolYear& year, const State& state) {
  return std::ranges::any_of(state.school_years, [&](const auto& entry) {
    return entry.first != begins_in(year.first_day) && entry.second.first_day <= year.last_day &&
           year.first_day <= entry.second.last_day;
  });
}

bool is_code(std::string_view code) {
  return code.size() >= kCodeLengthMin && code.size() <= kCodeLengthMax &&
         std::ranges::all_of(code, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// Dutch always, English where somebody wrote it; each language once, with title and text.
std::optional<Rejection> refuse_texts(const std::vector<events::NoticeText>& texts) {
  const auto count_of = [&](std::string_view language) {
    return std::ranges::count(texts, language, &events::NoticeText::language);
  };
  const bool complete = std::ranges::all_of(
      texts, [](const auto& text) { return !text.title.empty() && !text.text.empty(); });
  if (!complete || count_of("nl") != 1 || count_of("en") > 1) {
    return Rejection::notice_text_missing;
  }
  const bool known = std::ranges::all_of(
      texts, [](const auto& text) { return text.language == "nl" || text.language == "en"; });
  if (!known) return Rejection::notice_language_unknown;
  return std::nullopt;
}

events::NoticePublished notice_published(const events::PurposeId& purpose, std::uint32_t version,
                                         const std::vector<events::NoticeText>& texts) {
  events::NoticePublished event;
  event.purpose = purpose;
  event.version = version;
  event.texts = texts;
  return event;
}

}  // namespace

void evolve(State& state, const Event& event, const Happened& /*happened*/) {
  std::visit(Overloaded{
                 [&](const events::SchoolFounded& e) {
                   state.founded = true;
                   state.name = e.name;
                   state.time_zone = e.time_zone;
                 },
                 [&](const events::SchoolRenamed& e) { state.name = e.name; },
                 [&](const events::SchoolDaysSet& e) {
                   state.school_days.clear();
                   for (const auto& day : e.days) state.school_days[day.weekday()] = day;
                 },
                 [&](const events::SchoolYearSet& e) {
                   state.school_years[begins_in(e.first_day)] = {e.first_day, e.last_day,
                                                                 e.periods};
                 },
                 [&](const events::PostingWindowSet& e) {
                   state.posting_opens_minute = e.opens_minute;
                   state.posting_closes_minute = e.closes_minute;
                 },
                 [&](const events::ConsentPolicySet& e) {
                   state.one_household = e.one_household;
                   state.two_households = e.two_households;
                 },
                 [&](const events::PurposeAdded& e) { state.purposes[e.purpose].code = e.code; },
                 [&](const events::NoticePublished& e) {
                   auto& purpose = state.purposes[e.purpose];
                   purpose.notice = {e.version, e.texts};
                   if (e.asks_again) purpose.asked_from_version = e.version;
                 },
                 [&](const events::StaffCodesSet& e) { state.staff_codes = e.required; },
             },
             event);
}

Decision decide(const events::FoundSchool& command, const State& state, const Context& context) {
  if (state.founded) return std::unexpected(Rejection::school_exists);
  if (command.name.empty()) return std::unexpected(Rejection::name_empty);
  if (!zone_exists(command.time_zone)) return std::unexpected(Rejection::time_zone_unknown);
  events::SchoolFounded event;
  event.school = context.school;
  event.name = command.name;
  event.time_zone = command.time_zone;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::RenameSchool& command, const State& state, const Context& context) {
  if (command.name.empty()) return std::unexpected(Rejection::name_empty);
  if (command.name == state.name) return std::unexpected(Rejection::nothing_to_change);
  events::SchoolRenamed event;
  event.name = command.name;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::SetSchoolDays& command, const State& /*state*/,
                const Context& context) {
  if (!are_valid(command.days)) return std::unexpected(Rejection::school_days_invalid);
  events::SchoolDaysSet event;
  event.days = command.days;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::SetSchoolYear& command, const State& state, const Context& context) {
  if (!is_valid(command) || overlaps_another(command, state)) {
    return std::unexpected(Rejection::school_year_invalid);
  }
  events::SchoolYearSet event;
  event.first_day = command.first_day;
  event.last_day = command.last_day;
  event.periods = command.periods;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::SetPostingWindow& command, const State& /*state*/,
                const Context& context) {
  if (!is_within_day(command.opens_minute, command.closes_minute)) {
    return std::unexpected(Rejection::posting_window_invalid);
  }
  events::PostingWindowSet event;
  event.opens_minute = command.opens_minute;
  event.closes_minute = command.closes_minute;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::SetConsentPolicy& command, const State& /*state*/,
                const Context& context) {
  events::ConsentPolicySet event;
  event.one_household = command.one_household;
  event.two_households = command.two_households;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::AddPurpose& command, const State& state, const Context& context) {
  if (state.purposes.contains(command.purpose) ||
      std::ranges::any_of(state.purposes,
                          [&](const auto& entry) { return entry.second.code == command.code; })) {
    return std::unexpected(Rejection::purpose_exists);
  }
  if (!is_code(command.code)) return std::unexpected(Rejection::purpose_code_invalid);
  if (const auto refused = refuse_texts(command.texts)) return std::unexpected(*refused);
  events::PurposeAdded event;
  event.purpose = command.purpose;
  event.code = command.code;
  return on_stream(stream_of(context), std::move(event),
                   notice_published(command.purpose, 1, command.texts));
}

Decision decide(const events::PublishNotice& command, const State& state, const Context& context) {
  const auto purpose = state.purposes.find(command.purpose);
  if (purpose == state.purposes.end()) return std::unexpected(Rejection::purpose_not_found);
  if (const auto refused = refuse_texts(command.texts)) return std::unexpected(*refused);
  auto event = notice_published(command.purpose, purpose->second.notice.version + 1, command.texts);
  event.asks_again = command.asks_again;
  return on_stream(stream_of(context), std::move(event));
}

Decision decide(const events::SetStaffCodes& command, const State& state, const Context& context) {
  if (command.required == state.staff_codes) return std::unexpected(Rejection::nothing_to_change);
  events::StaffCodesSet event;
  event.required = command.required;
  return on_stream(stream_of(context), std::move(event));
}

}  // namespace klasboek::aggregates::school
