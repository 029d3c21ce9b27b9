// Leave: requests and notices, decisions, lists and the balance.
#include <charconv>

#include "api/admission.h"
#include "api/child_facts.h"
#include "api/moment.h"
#include "api/page.h"
#include "api/person_text.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"
#include "projections/leave_view.h"

namespace klasboek::api {

namespace {

namespace leave_view = projections::leave_view;
namespace directory = projections::directory;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr TextLimits kReasonLimits{.min = 1, .max = 10'000, .lines = true};
constexpr ListLimits kChildrenMax{.min = 1, .max = 20};

const directory::GuardianLink* own_link(const Call& call,
                                        const std::optional<directory::ChildRow>& child) {
  return child ? child->guardian(call.caller.account) : nullptr;
}

/// Seals a text about the child's leave; slot 0 where there is none.
std::expected<std::uint16_t, vault::VaultFault> seal(vault::Sealer& sealer, events::ChildId child,
                                                     const std::optional<std::string>& text) {
  return sealer.seal_optional({events::SubjectKind::child, child.value},
                              events::RetentionClass::leave, text);
}

struct RequestBody {
  std::vector<events::ChildId> children;
  events::LeaveGround ground = events::LeaveGround::other_circumstances;
  events::Day first_day;
  events::Day last_day;
  std::optional<std::string> motivation;
};

std::expected<RequestBody, Problem> read_request(const Call& call) {
  const auto body = read_json(call.request);
  if (!body) return std::unexpected(body.error());
  JsonReader reader(*body);
  RequestBody request;
  reader.list("children", kChildrenMax, [&](JsonItem& item) {
    const auto child = item.parsed(parse_child, "the id of a child");
    if (child) request.children.push_back(*child);
  });
  request.ground = reader.one_of<events::LeaveGround>("ground", kLeaveGrounds);
  request.first_day = reader.day("first_day");
  request.last_day = reader.day("last_day");
  request.motivation = reader.optional_text("motivation", kReasonLimits);
  if (auto problem = reader.finish()) return std::unexpected(*std::move(problem));
  return request;
}

void write_requested(JsonWriter& json, events::ChildId child,
                     const std::vector<events::RecordedEvent>& events) {
  json.begin_object().text("child", events::to_text(child));
  const auto& body = events.at(0).body;
  if (const auto* requested = std::get_if<events::LeaveRequested>(&body)) {
    json.text("id", events::to_text(requested->leave))
        .text("status", name_of(events::LeaveStatus::requested))
        .integer("school_days", requested->school_days);
  } else if (const auto* noticed = std::get_if<events::BeliefLeaveNoticed>(&body)) {
    json.text("id", events::to_text(noticed->leave))
        .text("status", name_of(events::LeaveStatus::noticed))
        .integer("school_days", noticed->school_days);
  }
  json.end_object();
}

Response request(Call& call) {
  const auto body = read_request(call);
  if (!body) return call.problem(body.error());
  for (const auto id : body->children) {
    const auto child = directory::child(*call.views, call.school, id);
    if (call.caller.role == Role::guardian && own_link(call, child) == nullptr) {
      return call.problem(not_found());
    }
  }
  const auto command = command_id_of(call);
  std::string items;
  JsonWriter json(items);
  json.begin_array();
  std::vector<events::RecordedEvent> last;
  for (std::uint32_t n = 0; n < body->children.size(); ++n) {
    const auto child = body->children[n];
    const auto row = directory::child(*call.views, call.school, child);
    if (!row) return call.problem(not_found());
    Change change;
    change.chunk = n;
    change.build =
        [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
      events::RequestLeave order;
      order.child = child;
      order.leave = made_id<events::LeaveId>(*command, n);
      order.ground = body->ground;
      order.first_day = body->first_day;
      order.last_day = body->last_day;
      order.compulsory_from =
          compulsory_from(birth_day_of(call, *row), body->first_day, body->last_day);
      const auto slot = seal(sealer, child, body->motivation);
      if (!slot) return std::unexpected(slot.error());
      order.motivation = *slot;
      return order;
    };
    change.answer = [&](const std::vector<events::RecordedEvent>& events) {
      write_requested(json, child, events);
      last = events;
      return no_content();
    };
    auto outcome = carry_out(call, change);
    if (outcome.status != 204) return outcome;
  }
  json.end_array();
  return changed(
      last, [&](JsonWriter& out) { out.raw("items", items); },
      "/v1/schools/" + events::to_text(call.school) + "/leaves");
}

std::optional<leave_view::LeaveRow> leave_of(const Call& call) {
  const auto id = call.path_id<events::LeaveId>("leave");
  auto row = id ? leave_view::leave(*call.views, call.school, *id) : std::nullopt;
  if (!row) return std::nullopt;
  if (call.caller.role != Role::guardian) return row;
  // Leave is seen by guardians with authority, and by whoever asked it, while they are guardians.
  const auto child = directory::child(*call.views, call.school, row->child);
  const auto* link = own_link(call, child);
  const bool has_authority = link != nullptr && link->authority == events::Authority::with;
  if (link == nullptr) return std::nullopt;
  if (!has_authority && row->requested_by != call.caller.account) return std::nullopt;
  return row;
}

Response decide(Call& call) {
  const auto leave = leave_of(call);
  if (!leave) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::DecideLeave order;
  order.child = leave->child;
  order.leave = leave->id;
  order.verdict = reader.one_of<events::LeaveVerdict>("verdict", kLeaveVerdicts);
  const bool partly = order.verdict == events::LeaveVerdict::grant_partly;
  const auto first_day = reader.optional_day("first_day");
  const auto last_day = reader.optional_day("last_day");
  if (partly && (!first_day || !last_day)) {
    reader.refuse("first_day", "incomplete", "What is granted partly has a first and a last day.");
  }
  if (!partly && (first_day || last_day)) {
    reader.refuse("first_day", "contradicts", "Only what is granted partly has days of its own.");
  }
  order.first_day = first_day.value_or(leave->first_day);
  order.last_day = last_day.value_or(leave->last_day);
  const auto reasons = reader.optional_text("reasons", kReasonLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    const auto slot = seal(sealer, leave->child, reasons);
    if (!slot) return std::unexpected(slot.error());
    order.reasons = *slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) {
      json.text("id", events::to_text(leave->id))
          .text("decision", events::name_of(events.at(0).body));
    });
  };
  return carry_out(call, change);
}

Response withdraw(Call& call) {
  const auto leave = leave_of(call);
  if (!leave) return call.problem(not_found());
  Change change;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::WithdrawLeave order;
    order.child = leave->child;
    order.leave = leave->id;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(leave->id)); });
  };
  return carry_out(call, change);
}

void write_count(JsonWriter& json, const events::LeaveCount& count) {
  json.begin_object("count")
      .integer("school_year", count.school_year)
      .integer("school_days", count.school_days)
      .integer("new_days", count.new_days)
      .integer("granted_before", count.granted_before)
      .integer("granted_before_on_ground", count.granted_before_on_ground)
      .end_object();
}

void write_decision(JsonWriter& json, const Call& call, const leave_view::DecisionRow& decision) {
  json.begin_object("decision")
      .text("decided_by", events::to_text(decision.decided_by.account))
      .text("role", name_of(decision.decided_by.role))
      .instant("decided_at", decision.decided_at_us)
      .text("reasons", call.open_text(decision.reasons))
      .boolean("against_advice", decision.against_advice)
      .integer("rule_set", decision.rule_set);
  if (decision.first_day) json.day("first_day", *decision.first_day);
  if (decision.last_day) json.day("last_day", *decision.last_day);
  json.begin_array("advice");
  for (const auto advice : decision.advice) json.text(events::wire::EnumNameLeaveAdvice(advice));
  json.end_array();
  write_count(json, decision.count);
  json.end_object();
}

void write_leave(JsonWriter& json, const Call& call, const leave_view::LeaveRow& row) {
  const auto child = directory::child(*call.views, call.school, row.child);
  json.begin_object()
      .text("id", events::to_text(row.id))
      .text("child", events::to_text(row.child))
      .text("child_name", child ? person_name_of(call.open_text(child->name)).full() : "")
      .text("ground", name_in(kLeaveGrounds, row.ground))
      .text("status", name_of(row.status))
      .day("first_day", row.first_day)
      .day("last_day", row.last_day)
      .integer("school_days", row.school_days)
      .boolean("compulsory", row.compulsory)
      .text("requested_by", events::to_text(row.requested_by))
      .instant("requested_at", row.asked_at_us);
  // A motivation is between its writer and the school.
  if (call.caller.role != Role::guardian || row.requested_by == call.caller.account) {
    json.text("motivation", call.open_text(row.motivation));
  }
  if (row.decision) write_decision(json, call, *row.decision);
  json.end_object();
}

Response see_leave(Call& call) {
  const auto leave = leave_of(call);
  if (!leave) return call.problem(not_found());
  std::string text;
  JsonWriter json(text);
  write_leave(json, call, *leave);
  return tagged(call, leave->version, std::move(text));
}

std::optional<events::LeaveStatus> status_named(std::string_view name) {
  for (int n = 0; n <= static_cast<int>(events::LeaveStatus::withdrawn); ++n) {
    const auto status = static_cast<events::LeaveStatus>(n);
    if (events::name_of(status) == name) return status;
  }
  return std::nullopt;
}

Response see_leaves(Call& call) {
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  std::optional<events::LeaveStatus> status;
  std::string scope = "leaves/";
  if (const auto text = call.request.query.find("status")) {
    status = status_named(*text);
    if (!status) return call.problem(invalid_parameter("status", "It is a status of leave."));
    scope += *text;
  }
  const auto after = sequence_cursor(call, scope);
  if (!after) return call.problem(after.error());
  const auto page = leave_view::leaves(*call.views, call.school, status, *after, *limit);
  return sequence_page(call, scope, page.next, [&](JsonWriter& json) {
    for (const auto& row : page.leaves) write_leave(json, call, row);
  });
}

Response see_child_leaves(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto rows = leave_view::leaves_of(*call.views, call.school, *child);
  return whole_list(call, rows.empty() ? 0 : rows.front().version, [&](JsonWriter& json) {
    for (const auto& row : rows) write_leave(json, call, row);
  });
}

Response see_balance(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto text = call.request.query.find("school_year").value_or("");
  std::uint16_t year = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), year);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    return call.problem(
        invalid_parameter("school_year", "It is the calendar year in which it begins."));
  }
  const auto at = moment_of(call);
  if (!at) return call.problem(at.error());
  const auto balance = leave_view::balance(*call.views, call.school, *child, year, *at);
  std::string body;
  JsonWriter json(body);
  json.begin_object().text("child", events::to_text(*child)).integer("school_year", year);
  const auto& as_of = *at;
  if (as_of) json.integer("at", static_cast<std::int64_t>(*as_of));
  json.begin_object("granted_days");
  for (const auto& [name, ground] : kLeaveGrounds) json.integer(name, balance.on(ground));
  json.end_object()
      .integer("granted", balance.granted())
      .integer("left_with_head", balance.left_with_head())
      .end_object();
  return tagged(call, 0, std::move(body));
}

Access child_readers() {
  return members({{Role::guardian, Reach::own_child_with_authority},
                  {Role::office},
                  {Role::director},
                  {Role::deputy},
                  {Role::auditor, Reach::granted}});
}

constexpr IntegerLimits kYears{.min = 0, .max = UINT16_MAX};
constexpr ListLimits kAdviceMax{.min = 0, .max = 10};

schema::Schema status_name() {
  std::vector<std::string_view> names;
  for (int n = 0; n <= static_cast<int>(events::LeaveStatus::withdrawn); ++n) {
    names.push_back(events::name_of(static_cast<events::LeaveStatus>(n)));
  }
  return schema::one_of(names);
}

schema::Schema advice_name() {
  std::vector<std::string_view> names;
  for (const auto advice : events::wire::EnumValuesLeaveAdvice()) {
    names.emplace_back(events::wire::EnumNameLeaveAdvice(advice));
  }
  return schema::one_of(names);
}

schema::Schema request_body() {
  return schema::named(
      "LeaveRequest",
      schema::body({required("children", schema::list(kChildrenMax, schema::id<events::ChildId>())),
                    required("ground", schema::one_of_table(kLeaveGrounds)),
                    required("first_day", schema::day()), required("last_day", schema::day()),
                    optional("motivation", schema::text(kReasonLimits, "Een bruiloft."))}));
}

schema::Schema decision_body() {
  return schema::named(
      "LeaveDecision",
      schema::body(
          {required("verdict", schema::one_of_table(kLeaveVerdicts)),
           seldom("first_day", schema::day()), seldom("last_day", schema::day()),
           optional("reasons", schema::text(kReasonLimits, "Gewichtige omstandigheid."))}));
}

schema::Schema requested_shape() {
  const auto one = schema::object({required("child", schema::id<events::ChildId>()),
                                   required("id", schema::id<events::LeaveId>()),
                                   required("status", status_name()),
                                   required("school_days", schema::count(2))});
  return schema::named(
      "LeavesRequested",
      position_and(
          {required("items", schema::list(kChildrenMax, schema::named("LeaveRequested", one)))}));
}

schema::Schema decided_shape() {
  return schema::named("LeaveDecided",
                       position_and({required("id", schema::id<events::LeaveId>()),
                                     required("decision", schema::opaque(100, "LeaveGranted"))}));
}

schema::Schema decision_shape() {
  const auto count = schema::object({required("school_year", schema::integer(kYears, 2026)),
                                     required("school_days", schema::count(2)),
                                     required("new_days", schema::count(2)),
                                     required("granted_before", schema::count(0)),
                                     required("granted_before_on_ground", schema::count(0))});
  return schema::object(
      {required("decided_by", schema::id<events::AccountId>()), required("role", role_name()),
       required("decided_at", schema::instant()),
       required("reasons", schema::words(kReasonLimits.max, "Gewichtige omstandigheid.")),
       required("against_advice", schema::boolean(false)), required("rule_set", schema::count(1)),
       optional("first_day", schema::day()), optional("last_day", schema::day()),
       required("advice", schema::list(kAdviceMax, advice_name())),
       required("count", schema::named("LeaveCount", count))});
}

schema::Schema leave_shape() {
  return schema::named(
      "Leave", schema::object({
                   required("id", schema::id<events::LeaveId>()),
                   required("child", schema::id<events::ChildId>()),
                   required("child_name", schema::words(kFullNameCharactersMax, "Sam Voorbeeld")),
                   required("ground", schema::one_of_table(kLeaveGrounds)),
                   required("status", status_name()),
                   required("first_day", schema::day()),
                   required("last_day", schema::day()),
                   required("school_days", schema::count(2)),
                   required("compulsory", schema::boolean()),
                   required("requested_by", schema::id<events::AccountId>()),
                   required("requested_at", schema::instant()),
                   optional("motivation", schema::words(kReasonLimits.max, "Een bruiloft.")),
                   optional("decision", schema::named("LeaveDecisionSeen", decision_shape())),
               }));
}

schema::Schema balance_shape() {
  std::vector<schema::Member> grounds;
  for (const auto& [name, ground] : kLeaveGrounds)
    grounds.push_back(required(name, schema::count(0)));
  return schema::named(
      "LeaveBalance",
      schema::object(
          {required("child", schema::id<events::ChildId>()),
           required("school_year", schema::integer(kYears, 2026)), seldom("at", schema::position()),
           required("granted_days", schema::object(grounds)), required("granted", schema::count(0)),
           required("left_with_head", schema::count(10))}));
}

}  // namespace

std::vector<Route> leave_routes() {
  return {
      {Method::post, "/v1/schools/{school}/leaves", "request_leave",
       "Ask leave for one or several children, or notice a day of belief",
       members({{Role::guardian}, {Role::office}}), request,
       makes(requested_shape())
           .takes(request_body())
           .refuses({Rejection::child_not_found, Rejection::child_left, Rejection::leave_exists,
                     Rejection::leave_asked_in_future, Rejection::leave_not_compulsory,
                     Rejection::leave_days_invalid, Rejection::leave_outside_school_year,
                     Rejection::leave_no_school_day, Rejection::day_before_enrolment,
                     Rejection::guardian_not_linked, Rejection::guardian_has_no_authority,
                     Rejection::not_own_child, Rejection::own_child_is_decided_by_another})},
      {Method::get, "/v1/schools/{school}/leaves", "see_leaves", "Leave by status, newest first",
       members({{Role::director}, {Role::deputy}, {Role::office}}), see_leaves,
       gives(page_of(leave_shape()))
           .asks(page_query({{"status", status_name(), "Only those that stand so"}}))
           .versioned()},
      {Method::get, "/v1/schools/{school}/leaves/{leave}", "see_leave", "One request or notice",
       members({{Role::guardian}, {Role::director}, {Role::deputy}, {Role::office}}), see_leave,
       gives(leave_shape()).versioned()},
      {Method::post, "/v1/schools/{school}/leaves/{leave}/decision", "decide_leave",
       "Grant, grant partly, refuse, forward, accept or contest",
       members({{Role::director}, {Role::deputy}}), decide,
       gives(decided_shape())
           .takes(decision_body())
           .refuses({Rejection::child_not_found, Rejection::leave_not_found,
                     Rejection::leave_not_pending, Rejection::leave_verdict_not_for_ground,
                     Rejection::leave_reasons_missing, Rejection::leave_exceeds_head_limit,
                     Rejection::leave_within_head_limit, Rejection::leave_days_invalid,
                     Rejection::leave_part_outside_request, Rejection::leave_no_school_day,
                     Rejection::leave_part_is_whole, Rejection::leave_not_compulsory,
                     Rejection::own_child_is_decided_by_another})},
      {Method::post, "/v1/schools/{school}/leaves/{leave}/withdrawal", "withdraw_leave",
       "Take a request back before the decision", members({{Role::guardian}, {Role::office}}),
       withdraw,
       gives(position_and_id<events::LeaveId>())
           .refuses({Rejection::child_not_found, Rejection::leave_not_found,
                     Rejection::leave_requester_only, Rejection::leave_not_pending,
                     Rejection::not_own_child})},
      {Method::get, "/v1/schools/{school}/children/{child}/leaves", "see_child_leaves",
       "All leave of a child", child_readers(), see_child_leaves,
       gives(page_of(leave_shape())).versioned()},
      {Method::get, "/v1/schools/{school}/children/{child}/leave-balance", "see_leave_balance",
       "School days granted in a year, now or at a moment of the past", child_readers(),
       see_balance,
       gives(balance_shape())
           .asks({{"school_year", schema::integer(kYears, 2026),
                   "The calendar year in which it begins", true},
                  at_query()})
           .versioned()},
  };
}

}  // namespace klasboek::api
