// The school and its settings: name, days, years, posting window and what silence on consent means.
#include "api/admission.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"

namespace klasboek::api {

namespace {

using aggregates::Rejection;
using events::Role;
using schema::required;

constexpr IntegerLimits kMinute{.min = 0, .max = 24 * 60};
constexpr IntegerLimits kWeekday{.min = 1, .max = 7};
constexpr ListLimits kWeekMax{.min = 1, .max = 7};
constexpr ListLimits kPeriodsMax{.min = 0, .max = 60};
constexpr TextLimits kPeriodName{.min = 1, .max = 100};
constexpr TextLimits kSchoolName{.min = 1, .max = 200};
constexpr std::array<std::pair<std::string_view, events::SilencePolicy>, 2> kSilencePolicies = {
    {{"one_yes_counts", events::SilencePolicy::one_yes_counts},
     {"all_must_answer", events::SilencePolicy::all_must_answer}}};
constexpr std::array<std::pair<std::string_view, events::PeriodKind>, 2> kPeriodKinds = {
    {{"holiday", events::PeriodKind::holiday}, {"study_day", events::PeriodKind::study_day}}};

Response see_school(Call& call) {
  std::string text;
  JsonWriter json(text);
  const auto& row = call.school_row;
  json.begin_object()
      .text("id", events::to_text(call.school))
      .text("name", row.name)
      .text("time_zone", row.time_zone)
      .integer("posting_opens_minute", row.posting_opens_minute)
      .integer("posting_closes_minute", row.posting_closes_minute);
  json.begin_object("consent_policy")
      .text("one_household", name_in(kSilencePolicies, row.one_household))
      .text("two_households", name_in(kSilencePolicies, row.two_households))
      .end_object();
  json.begin_array("school_days");
  for (const auto& day : row.days) {
    json.begin_object()
        .integer("weekday", day.weekday())
        .integer("starts_minute", day.starts_minute())
        .integer("ends_minute", day.ends_minute())
        .end_object();
  }
  json.end_array().begin_array("school_years");
  for (const auto& [first_day, year] : row.years) {
    json.begin_object().day("first_day", year.first_day).day("last_day", year.last_day);
    json.begin_array("periods");
    for (const auto& period : year.periods) {
      json.begin_object()
          .text("name", period.name)
          .day("first_day", period.first_day)
          .day("last_day", period.last_day)
          .text("kind", name_in(kPeriodKinds, period.kind))
          .end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return tagged(call, row.version, std::move(text));
}

Response change_settings(Call& call, const events::CommandBody& order) {
  return carry_out_plain(call, order, events::school_stream(call.school));
}

Response rename_school(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::RenameSchool order;
  order.name = reader.text("name", kSchoolName);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_settings(call, order);
}

Response set_consent_policy(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::SetConsentPolicy order;
  order.one_household = reader.one_of<events::SilencePolicy>("one_household", kSilencePolicies);
  order.two_households = reader.one_of<events::SilencePolicy>("two_households", kSilencePolicies);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_settings(call, order);
}

Response set_days(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::SetSchoolDays order;
  reader.objects("days", kWeekMax, [&](JsonReader& day) {
    const auto weekday = day.integer("weekday", kWeekday);
    const auto starts = day.integer("starts_minute", kMinute);
    const auto ends = day.integer("ends_minute", kMinute);
    order.days.emplace_back(static_cast<std::uint8_t>(weekday), static_cast<std::uint16_t>(starts),
                            static_cast<std::uint16_t>(ends));
  });
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_settings(call, order);
}

Response set_year(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::SetSchoolYear order;
  order.first_day = reader.day("first_day");
  order.last_day = reader.day("last_day");
  reader.objects("periods", kPeriodsMax, [&](JsonReader& each) {
    events::Period period;
    period.name = each.text("name", kPeriodName);
    period.first_day = each.day("first_day");
    period.last_day = each.day("last_day");
    period.kind = each.one_of<events::PeriodKind>("kind", kPeriodKinds);
    order.periods.push_back(std::move(period));
  });
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_settings(call, order);
}

Response set_window(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::SetPostingWindow order;
  order.opens_minute = static_cast<std::uint16_t>(reader.integer("opens_minute", kMinute));
  order.closes_minute = static_cast<std::uint16_t>(reader.integer("closes_minute", kMinute));
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_settings(call, order);
}

Access heads() { return members({{Role::director}, {Role::deputy}}); }

schema::Schema minute(std::int64_t example) { return schema::integer(kMinute, example); }

schema::Schema policy(schema::Schema (*whole)(const std::vector<schema::Member>&)) {
  return whole({required("one_household", schema::one_of_table(kSilencePolicies)),
                required("two_households", schema::one_of_table(kSilencePolicies))});
}
schema::Schema policy_body() { return schema::named("ConsentPolicy", policy(schema::body)); }

std::vector<schema::Member> day_members() {
  return {required("weekday", schema::integer(kWeekday, 1)), required("starts_minute", minute(510)),
          required("ends_minute", minute(870))};
}
schema::Schema days_body() {
  return schema::named(
      "SchoolDays",
      schema::body({required(
          "days",
          schema::list(kWeekMax, schema::named("SchoolDay", schema::body(day_members()))))}));
}

/// whole: schema::body or schema::object.
schema::Schema year(schema::Schema (*whole)(const std::vector<schema::Member>&)) {
  const auto period =
      whole({required("name", schema::text(kPeriodName, "Herfstvakantie")),
             required("first_day", schema::day()), required("last_day", schema::day()),
             required("kind", schema::one_of_table(kPeriodKinds))});
  return whole({required("first_day", schema::day()), required("last_day", schema::day()),
                required("periods", schema::list(kPeriodsMax, period))});
}
schema::Schema year_body() { return schema::named("SchoolYear", year(schema::body)); }

schema::Schema window_body() {
  return schema::named("PostingWindow", schema::body({required("opens_minute", minute(420)),
                                                      required("closes_minute", minute(1140))}));
}

schema::Schema school_shape() {
  constexpr ListLimits kYearsMax{.min = 0, .max = 100};
  return schema::named(
      "School", schema::object({
                    required("id", schema::id<events::SchoolId>()),
                    required("name", schema::words(kSchoolName.max, "De Linde")),
                    required("time_zone", schema::opaque(100, "Europe/Amsterdam")),
                    required("posting_opens_minute", minute(420)),
                    required("posting_closes_minute", minute(1140)),
                    required("consent_policy", policy(schema::object)),
                    required("school_days",
                             schema::list({.min = 0, .max = 7}, schema::object(day_members()))),
                    required("school_years", schema::list(kYearsMax, year(schema::object))),
                }));
}

}  // namespace

std::vector<Route> school_routes() {
  return {
      {Method::get, "/v1/schools/{school}", "see_school", "The school and its calendar",
       members({{Role::director},
                {Role::deputy},
                {Role::office},
                {Role::care},
                {Role::teacher},
                {Role::guardian}}),
       see_school, gives(school_shape()).versioned()},
      {Method::patch, "/v1/schools/{school}", "rename_school", "Give the school another name",
       heads(), rename_school,
       changes()
           .takes(schema::named("SchoolName", schema::body({required(
                                                  "name", schema::text(kSchoolName, "De Linde"))})))
           .versioned()
           .refuses({Rejection::name_empty, Rejection::nothing_to_change})},
      {Method::put, "/v1/schools/{school}/consent-policy", "set_consent_policy",
       "What one guardian's yes is worth while another is silent", heads(), set_consent_policy,
       changes().takes(policy_body()).versioned().refuses({Rejection::nothing_to_change})},
      {Method::put, "/v1/schools/{school}/school-days", "set_school_days",
       "Which weekdays have school, from when to when", heads(), set_days,
       changes().takes(days_body()).versioned().refuses({Rejection::school_days_invalid})},
      {Method::put, "/v1/schools/{school}/school-years", "set_school_year",
       "A school year with its holidays and study days", heads(), set_year,
       changes().takes(year_body()).versioned().refuses({Rejection::school_year_invalid})},
      {Method::put, "/v1/schools/{school}/posting-window", "set_posting_window",
       "When posts may appear", heads(), set_window,
       changes().takes(window_body()).versioned().refuses({Rejection::posting_window_invalid})},
  };
}

}  // namespace klasboek::api
