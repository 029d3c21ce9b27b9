// Absence: reports, the list of a day, recovery and classification.
#include <algorithm>

#include "api/admission.h"
#include "api/dutch_order.h"
#include "api/page.h"
#include "api/person_text.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"
#include "projections/absence_view.h"

namespace klasboek::api {

namespace {

namespace absence_view = projections::absence_view;
namespace directory = projections::directory;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr TextLimits kNoteLimits{.min = 1, .max = 500, .lines = true};
constexpr IntegerLimits kMinuteLimits{.min = 0, .max = 24 * 60};
constexpr ListLimits kChildrenMax{.min = 1, .max = 20};

/// Staff reach by class or school; a guardian must be linked. What isn't reached isn't there.
bool reaches_child(const Call& call, events::ChildId id) {
  const auto child = directory::child(*call.views, call.school, id);
  if (!child) return false;
  switch (call.caller.role) {
    case Role::guardian:
      return child->guardian(call.caller.account) != nullptr;
    case Role::teacher: {
      const auto group = child->class_on(call.today);
      return group && works_with(call, call.caller.account, *group);
    }
    default:
      return true;
  }
}

struct ReportBody {
  std::vector<events::ChildId> children;
  events::AbsenceReason reason = events::AbsenceReason::ill;
  events::Day first_day;
  std::optional<events::Day> last_day;
  bool open_ended = false;
  std::optional<std::int64_t> from_minute;
  std::optional<std::int64_t> until_minute;
  std::optional<std::string> note;
};

std::expected<ReportBody, Problem> read_report(const Call& call) {
  const auto body = read_json(call.request);
  if (!body) return std::unexpected(body.error());
  JsonReader reader(*body);
  ReportBody report;
  reader.list("children", kChildrenMax, [&](JsonItem& item) {
    if (const auto child = item.parsed(parse_child, "the id of a child")) {
      report.children.push_back(*child);
    }
  });
  report.reason = reader.one_of<events::AbsenceReason>("reason", kAbsenceReasons);
  report.first_day = reader.day("first_day");
  report.last_day = reader.optional_day("last_day");
  report.open_ended = reader.optional_boolean("open_ended").value_or(false);
  report.from_minute = reader.optional_integer("from_minute", kMinuteLimits);
  report.until_minute = reader.optional_integer("until_minute", kMinuteLimits);
  report.note = reader.optional_text("note", kNoteLimits);
  if (report.from_minute.has_value() != report.until_minute.has_value()) {
    reader.refuse("until_minute", "incomplete",
                  "A part of a day has from_minute and until_minute.");
  }
  if (report.open_ended && report.last_day) {
    reader.refuse("last_day", "contradicts", "It is open-ended or has a last day, not both.");
  }
  if (auto problem = reader.finish()) return std::unexpected(*std::move(problem));
  return report;
}

events::ReportAbsence report_of(const ReportBody& report, events::ChildId child,
                                events::AbsenceId absence, std::uint16_t note) {
  events::ReportAbsence order;
  order.child = child;
  order.absence = absence;
  order.reason = report.reason;
  order.first_day = report.first_day;
  order.last_day = report.last_day.value_or(report.first_day);
  order.open_ended = report.open_ended;
  order.whole_days = !report.from_minute;
  order.from_minute = static_cast<std::uint16_t>(report.from_minute.value_or(0));
  order.until_minute = static_cast<std::uint16_t>(report.until_minute.value_or(0));
  order.note = note;
  return order;
}

/// What one child's report came to: a new absence, or an addition to what another reported.
void write_reported(JsonWriter& json, events::ChildId child,
                    const std::vector<events::RecordedEvent>& events) {
  json.text("child", events::to_text(child));
  const auto& body = events.at(0).body;
  if (const auto* reported = std::get_if<events::AbsenceReported>(&body)) {
    json.text("id", events::to_text(reported->absence))
        .text("timing", name_in(kReportTimings, reported->timing))
        .boolean("added", false);
  } else if (const auto* added = std::get_if<events::AbsenceReportAdded>(&body)) {
    json.text("id", events::to_text(added->absence)).boolean("added", true);
  }
}

Response report(Call& call) {
  const auto body = read_report(call);
  if (!body) return call.problem(body.error());
  for (const auto child : body->children) {
    if (!reaches_child(call, child)) return call.problem(not_found());
  }
  const auto command = command_id_of(call);
  std::string items;
  JsonWriter json(items);
  json.begin_array();
  std::vector<events::RecordedEvent> last;
  std::string location;
  for (std::uint32_t n = 0; n < body->children.size(); ++n) {
    const auto child = body->children[n];
    Change change;
    change.chunk = n;
    change.build =
        [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
      const auto note = sealer.seal_optional({events::SubjectKind::child, child.value},
                                             events::RetentionClass::absence_note, body->note);
      if (!note) return std::unexpected(note.error());
      return report_of(*body, child, made_id<events::AbsenceId>(*command, n), *note);
    };
    change.answer = [&](const std::vector<events::RecordedEvent>& events) {
      json.begin_object();
      write_reported(json, child, events);
      json.end_object();
      last = events;
      return no_content();
    };
    // One child's report that is refused doesn't take back the others': each is a commit of its
    // own, and a repeat of the request tells the same.
    auto outcome = carry_out(call, change);
    if (outcome.status != 204) return outcome;
  }
  json.end_array();
  location = "/v1/schools/" + events::to_text(call.school) + "/absences";
  return changed(last, [&](JsonWriter& out) { out.raw("items", items); }, location);
}

/// The absence of the path, if the caller reaches its child.
std::optional<absence_view::AbsenceRow> absence_of(const Call& call) {
  const auto id = call.path_id<events::AbsenceId>("absence");
  auto row = id ? absence_view::absence(*call.views, call.school, *id) : std::nullopt;
  if (!row || !reaches_child(call, row->child)) return std::nullopt;
  return row;
}

Response change_absence(Call& call, const absence_view::AbsenceRow& absence,
                        const events::CommandBody& order) {
  Change change;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(absence.id)); });
  };
  return carry_out(call, change);
}

Response change_end(Call& call) {
  const auto absence = absence_of(call);
  if (!absence) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto last_day = reader.optional_day("last_day");
  const auto open_ended = reader.optional_boolean("open_ended").value_or(false);
  if (last_day.has_value() == open_ended) {
    reader.refuse("last_day", "contradicts", "Give a last day, or open_ended true.");
  }
  if (const auto problem = reader.finish()) return call.problem(*problem);
  events::ChangeAbsenceEnd order;
  order.child = absence->child;
  order.absence = absence->id;
  order.last_day = last_day.value_or(absence->first_day);
  order.open_ended = open_ended;
  return change_absence(call, *absence, order);
}

Response withdraw(Call& call) {
  const auto absence = absence_of(call);
  if (!absence) return call.problem(not_found());
  events::WithdrawAbsence order;
  order.child = absence->child;
  order.absence = absence->id;
  return change_absence(call, *absence, order);
}

Response recover(Call& call) {
  const auto absence = absence_of(call);
  if (!absence) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::ReportRecovery order;
  order.child = absence->child;
  order.absence = absence->id;
  order.back_on = reader.day("back_on");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_absence(call, *absence, order);
}

Response classify(Call& call) {
  const auto absence = absence_of(call);
  if (!absence) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::ClassifyAbsence order;
  order.child = absence->child;
  order.absence = absence->id;
  order.classification = reader.one_of<events::AbsenceClass>("classification", kAbsenceClasses);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return change_absence(call, *absence, order);
}

void write_absence(JsonWriter& json, const Call& call, const absence_view::AbsenceRow& row) {
  const auto child = directory::child(*call.views, call.school, row.child);
  json.begin_object()
      .text("id", events::to_text(row.id))
      .text("child", events::to_text(row.child))
      .text("child_name", child ? person_name_of(call.open_text(child->name)).full() : "")
      .text("reason", name_in(kAbsenceReasons, row.reason))
      .day("first_day", row.first_day);
  if (row.last_day) {
    json.day("last_day", *row.last_day);
  } else {
    json.null("last_day");
  }
  if (!row.whole_days) {
    json.integer("from_minute", row.from_minute).integer("until_minute", row.until_minute);
  }
  json.text("timing", name_in(kReportTimings, row.timing));
  json.boolean("recovered", row.recovered).boolean("withdrawn", row.withdrawn);
  if (row.classification) {
    json.text("classification", name_in(kAbsenceClasses, *row.classification));
  }
  json.begin_array("notes");
  for (const auto& report : row.reports) {
    // A guardian reads his own words; another guardian's are between that one and the school.
    const bool own = report.reported_by == call.caller.account;
    if (report.note && (own || call.caller.role != Role::guardian)) {
      json.text(call.open_text(report.note));
    }
  }
  json.end_array().end_object();
}

/// By the children's names, as a Dutch list is sorted.
void sort_by_name(const Call& call, std::vector<absence_view::AbsenceRow>& rows) {
  std::vector<std::pair<NameOrder, absence_view::AbsenceRow>> ordered;
  ordered.reserve(rows.size());
  for (auto& row : rows) {
    const auto child = directory::child(*call.views, call.school, row.child);
    auto order = child ? order_of(person_name_of(call.open_text(child->name))) : NameOrder{};
    ordered.emplace_back(std::move(order), std::move(row));
  }
  std::ranges::sort(ordered, {},
                    [](const auto& one) { return std::tie(one.first, one.second.id); });
  std::ranges::transform(ordered, rows.begin(), [](auto& one) { return std::move(one.second); });
}

Response see_day(Call& call) {
  const auto day_text = call.request.query.find("day");
  const auto day = day_text ? events::parse_day(*day_text) : std::optional(call.today);
  if (!day) return call.problem(invalid_parameter("day", "It is a day such as 2026-11-02."));
  std::optional<events::GroupId> group;
  if (const auto text = call.request.query.find("group")) {
    group = events::parse_id<events::GroupId>(*text);
    if (!group) return call.problem(invalid_parameter("group", "It is the id of a group."));
  }
  const bool only_own_class = call.caller.role == Role::teacher;
  if (only_own_class && !group) {
    return call.problem(invalid_parameter("group", "A teacher asks for one of the own groups."));
  }
  if (only_own_class && !works_with(call, call.caller.account, *group)) {
    return call.problem(not_found());
  }
  auto rows = absence_view::absences_on(*call.views, call.school, *day, group);
  sort_by_name(call, rows);
  return whole_list(call, rows.size(), [&](JsonWriter& json) {
    for (const auto& row : rows) write_absence(json, call, row);
  });
}

Response see_child(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  const auto scope = "absences/" + events::to_text(*child);
  const auto after = sequence_cursor(call, scope);
  if (!after) return call.problem(after.error());
  const auto page = absence_view::absences_of(*call.views, call.school, *child, *after, *limit);
  return sequence_page(call, scope, page.next, [&](JsonWriter& json) {
    for (const auto& row : page.absences) write_absence(json, call, row);
  });
}

Access reporters() {
  return members({{Role::guardian},
                  {Role::teacher},
                  {Role::care},
                  {Role::office},
                  {Role::director},
                  {Role::deputy}});
}

schema::Schema report_body() {
  return schema::named(
      "AbsenceReport",
      schema::body({required("children", schema::list(kChildrenMax, schema::id<events::ChildId>())),
                    required("reason", schema::one_of_table(kAbsenceReasons)),
                    required("first_day", schema::day()), optional("last_day", schema::day()),
                    seldom("open_ended", schema::boolean()),
                    seldom("from_minute", schema::integer(kMinuteLimits, 510)),
                    seldom("until_minute", schema::integer(kMinuteLimits, 600)),
                    optional("note", schema::text(kNoteLimits, "Koorts."))}));
}

schema::Schema end_body() {
  return schema::named("AbsenceEnd", schema::body({optional("last_day", schema::day()),
                                                   seldom("open_ended", schema::boolean())}));
}

schema::Schema reported_shape() {
  const auto one = schema::object({required("child", schema::id<events::ChildId>()),
                                   required("id", schema::id<events::AbsenceId>()),
                                   optional("timing", schema::one_of_table(kReportTimings)),
                                   required("added", schema::boolean(false))});
  return schema::named(
      "AbsencesReported",
      position_and(
          {required("items", schema::list(kChildrenMax, schema::named("AbsenceReported", one)))}));
}

schema::Schema absence_shape() {
  return schema::named(
      "Absence", schema::object({
                     required("id", schema::id<events::AbsenceId>()),
                     required("child", schema::id<events::ChildId>()),
                     required("child_name", schema::words(kFullNameCharactersMax, "Sam Voorbeeld")),
                     required("reason", schema::one_of_table(kAbsenceReasons)),
                     required("first_day", schema::day()),
                     required("last_day", schema::nullable(schema::day())),
                     seldom("from_minute", schema::integer(kMinuteLimits, 510)),
                     seldom("until_minute", schema::integer(kMinuteLimits, 600)),
                     required("timing", schema::one_of_table(kReportTimings)),
                     required("recovered", schema::boolean(false)),
                     required("withdrawn", schema::boolean(false)),
                     optional("classification", schema::one_of_table(kAbsenceClasses)),
                     required("notes", schema::list({.min = 0, .max = 100},
                                                    schema::words(kNoteLimits.max, "Koorts."))),
                 }));
}

std::vector<QueryParameter> day_query() {
  return {{"day", schema::day(), "Which day; today where it isn't given"},
          {"group", schema::id<events::GroupId>(), "Whose children; a teacher names an own group"}};
}

/// What may be said of any change of an absence.
std::vector<Rejection> refusals() {
  return {Rejection::child_not_found,       Rejection::child_left,
          Rejection::guardian_not_linked,   Rejection::guardian_has_no_authority,
          Rejection::not_own_child,         Rejection::not_own_class,
          Rejection::absence_not_found,     Rejection::absence_withdrawn,
          Rejection::absence_already_ended, Rejection::absence_has_begun,
          Rejection::absence_not_begun,     Rejection::absence_in_past,
          Rejection::absence_days_invalid,  Rejection::absence_too_long};
}

}  // namespace

std::vector<Route> absence_routes() {
  return {
      {Method::post, "/v1/schools/{school}/absences", "report_absence",
       "Report one or several children absent", reporters(), report,
       makes(reported_shape())
           .takes(report_body())
           .refuses({Rejection::child_not_found, Rejection::child_left,
                     Rejection::guardian_not_linked, Rejection::guardian_has_no_authority,
                     Rejection::not_own_child, Rejection::not_own_class, Rejection::absence_exists,
                     Rejection::absence_days_invalid, Rejection::absence_part_of_day_invalid,
                     Rejection::absence_too_long, Rejection::day_before_enrolment,
                     Rejection::absence_in_past, Rejection::absence_no_school_day,
                     Rejection::absence_already_reported_by_you,
                     Rejection::absence_overlaps_another})},
      {Method::get, "/v1/schools/{school}/absences", "see_absences",
       "Who is absent on a day, of a group or the school",
       members({{Role::teacher}, {Role::care}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_day, gives(page_of(absence_shape())).asks(day_query()).versioned()},
      {Method::get, "/v1/schools/{school}/children/{child}/absences", "see_child_absences",
       "All absences of a child, last reported first",
       members({{Role::guardian, Reach::own_child},
                {Role::teacher, Reach::own_class},
                {Role::care},
                {Role::office},
                {Role::director},
                {Role::deputy},
                {Role::auditor, Reach::granted}}),
       see_child, gives(page_of(absence_shape())).asks(page_query()).versioned()},
      {Method::patch, "/v1/schools/{school}/absences/{absence}", "change_absence_end",
       "Change when an absence ends", reporters(), change_end,
       gives(position_and_id<events::AbsenceId>())
           .takes(end_body())
           .refuses(refusals())
           .refuses({Rejection::absence_end_unchanged, Rejection::absence_overlaps_another,
                     Rejection::absence_no_school_day})},
      {Method::delete_, "/v1/schools/{school}/absences/{absence}", "withdraw_absence",
       "Take a report back before it begins", reporters(), withdraw,
       gives(position_and_id<events::AbsenceId>()).refuses(refusals())},
      {Method::post, "/v1/schools/{school}/absences/{absence}/recovery", "report_recovery",
       "Better: the first day back at school", reporters(), recover,
       gives(position_and_id<events::AbsenceId>())
           .takes(schema::named("Recovery", schema::body({required("back_on", schema::day())})))
           .refuses(refusals())},
      {Method::post, "/v1/schools/{school}/absences/{absence}/classification", "classify_absence",
       "Say whether an absence is authorised",
       members({{Role::office}, {Role::director}, {Role::deputy}}), classify,
       gives(position_and_id<events::AbsenceId>())
           .takes(schema::named(
               "Classification",
               schema::body({required("classification", schema::one_of_table(kAbsenceClasses))})))
           .refuses(refusals())
           .refuses(
               {Rejection::absence_class_unchanged, Rejection::own_child_is_decided_by_another})},
  };
}

}  // namespace klasboek::api
