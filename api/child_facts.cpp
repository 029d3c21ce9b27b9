#include "api/child_facts.h"

#include "aggregates/leave.h"

namespace klasboek::api {

namespace {

using std::chrono::year_month_day;
using std::chrono::years;

constexpr years kConsentAge{16};

/// The birthday in a later year; who was born on 29 February has it on 1 March in other years.
events::Day birthday(events::Day birth_day, years age) {
  const year_month_day date = birth_day.date() + age;
  if (date.ok()) return events::Day::of(date);
  return events::Day::of(year_month_day{date.year(), std::chrono::March, std::chrono::day{1}});
}

}  // namespace

std::optional<events::Day> birth_day_of(const Call& call,
                                        const projections::directory::ChildRow& child) {
  return events::parse_day(call.open_text(child.birth_day));
}

bool is_sixteen_on(events::Day birth_day, events::Day day) {
  return birthday(birth_day, kConsentAge) <= day;
}

events::Day compulsory_from(std::optional<events::Day> birth_day, events::Day first_day,
                            events::Day last_day) {
  // Days in the wrong order are refused by the rules.
  if (!birth_day || last_day < first_day) return first_day;
  return aggregates::leave::compulsory_from(*birth_day, {first_day, last_day});
}

}  // namespace klasboek::api
