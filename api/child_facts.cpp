#include "api/child_facts.h"

#include <algorithm>

namespace klasboek::api {

namespace {

using std::chrono::months;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr years kConsentAge{16};
constexpr years kCompulsoryAge{5};

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
  if (!birth_day) return first_day;
  const auto fifth = birthday(*birth_day, kCompulsoryAge).date();
  const auto next_month =
      year_month_day{fifth.year(), fifth.month(), std::chrono::day{1}} + months{1};
  return std::clamp(events::Day::of(next_month), first_day, last_day.plus(1));
}

}  // namespace klasboek::api
