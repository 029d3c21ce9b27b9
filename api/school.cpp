// The school and its settings: name, days, years, posting window and what silence on consent means.
#include "api/admission.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"

namespace klasboek::api {

namespace {

using events::Role;

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

}  // namespace

std::vector<Route> school_routes() {
  return {
      {Method::get,
       "/v1/schools/{school}",
       "see_school",
       "The school and its calendar",
       members({{Role::director},
                {Role::deputy},
                {Role::office},
                {Role::care},
                {Role::teacher},
                {Role::guardian}}),
       see_school,
       {"", R"({"type":"object"})"}},
      {Method::patch,
       "/v1/schools/{school}",
       "rename_school",
       "Give the school another name",
       heads(),
       rename_school,
       {R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{"name":{"type":"string","minLength":1,"maxLength":200}}})",
        kPositionShape}},
      {Method::put,
       "/v1/schools/{school}/consent-policy",
       "set_consent_policy",
       "What one guardian's yes is worth while another is silent",
       heads(),
       set_consent_policy,
       {R"({"type":"object","required":["one_household","two_households"],"additionalProperties":false,"properties":{"one_household":{"enum":["one_yes_counts","all_must_answer"]},"two_households":{"enum":["one_yes_counts","all_must_answer"]}}})",
        kPositionShape}},
      {Method::put,
       "/v1/schools/{school}/school-days",
       "set_school_days",
       "Which weekdays have school, from when to when",
       heads(),
       set_days,
       {R"({"type":"object","required":["days"],"additionalProperties":false,"properties":{"days":{"type":"array","minItems":1,"maxItems":7,"items":{"type":"object"}}}})",
        kPositionShape}},
      {Method::put,
       "/v1/schools/{school}/school-years",
       "set_school_year",
       "A school year with its holidays and study days",
       heads(),
       set_year,
       {R"({"type":"object","required":["first_day","last_day","periods"],"additionalProperties":false,"properties":{"first_day":{"type":"string","format":"date"},"last_day":{"type":"string","format":"date"},"periods":{"type":"array","items":{"type":"object"}}}})",
        kPositionShape}},
      {Method::put,
       "/v1/schools/{school}/posting-window",
       "set_posting_window",
       "When posts may appear",
       heads(),
       set_window,
       {R"({"type":"object","required":["opens_minute","closes_minute"],"additionalProperties":false,"properties":{"opens_minute":{"type":"integer"},"closes_minute":{"type":"integer"}}})",
        kPositionShape}},
  };
}

}  // namespace klasboek::api
