// The audit trail: who did what, when, on whose behalf.
#include <algorithm>
#include <charconv>

#include "api/moment.h"
#include "api/page.h"
#include "api/route.h"
#include "events/schema/envelope_generated.h"
#include "projections/audit_view.h"

namespace klasboek::api {

namespace {

namespace audit_view = projections::audit_view;
namespace directory = projections::directory;
using events::Role;

std::optional<audit_view::Subject> parse_subject(std::string_view text) {
  if (const auto id = events::parse_id<events::ChildId>(text)) return audit_view::subject_of(*id);
  if (const auto id = events::parse_id<events::AccountId>(text)) return audit_view::subject_of(*id);
  if (const auto id = events::parse_id<events::GroupId>(text)) return audit_view::subject_of(*id);
  if (const auto id = events::parse_id<events::PostId>(text)) return audit_view::subject_of(*id);
  if (const auto id = events::parse_id<events::SchoolId>(text)) return audit_view::subject_of(*id);
  return std::nullopt;
}

/// A guardian asks about his own child alone.
bool may_ask(const Call& call, const audit_view::Subject& subject) {
  if (call.caller.role != Role::guardian) return true;
  if (subject.kind != audit_view::AuditKind::child) return false;
  const auto child = directory::child(*call.views, call.school, events::ChildId{subject.id});
  const auto* link = child ? child->guardian(call.caller.account) : nullptr;
  return link != nullptr && link->authority == events::Authority::with;
}

/// One guardian never learns what another did: his lines are those of staff and his own.
bool may_see(const Call& call, const audit_view::AuditRow& row) {
  if (call.caller.role != Role::guardian) return true;
  if (row.actor.account == call.caller.account) return true;
  const bool of_another_guardian =
      row.actor.role == Role::guardian ||
      (!row.actor.on_behalf_of.is_zero() && row.actor.on_behalf_of != call.caller.account);
  // Who else is linked, and with what rights, is told by no trail; nor who reads of the child as an
  // auditor, which may be at another's request.
  const bool of_others_rights = row.stream.kind == events::StreamKind::child ||
                                row.stream.kind == events::StreamKind::account ||
                                row.actor.role == Role::auditor;
  return !of_another_guardian && !of_others_rights;
}

void write_row(JsonWriter& json, const audit_view::AuditRow& row) {
  json.begin_object()
      .integer("position", static_cast<std::int64_t>(row.sequence))
      .text("event", events::to_text(row.event))
      .text("type", events::wire::EnumNameEventBody(events::wire::EventBody{row.type}))
      .text("actor", events::to_text(row.actor.account))
      .text("role", name_of(row.actor.role));
  if (!row.actor.on_behalf_of.is_zero()) {
    json.text("on_behalf_of", events::to_text(row.actor.on_behalf_of));
  }
  json.instant("recorded_at", row.recorded_at_us).instant("effective_at", row.effective_at_us);
  if (!row.causation.is_zero()) json.text("causation", events::to_text(row.causation));
  json.end_object();
}

/// A bound of ?from= or ?to=: a position; nullopt where it isn't given.
std::expected<std::optional<std::uint64_t>, Problem> bound(const Call& call,
                                                           std::string_view name) {
  const auto text = call.request.query.find(name);
  if (!text) return std::nullopt;
  std::uint64_t sequence = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), sequence);
  if (parsed.ec != std::errc{} || parsed.ptr != text->data() + text->size()) {
    return std::unexpected(invalid_parameter(name, "It is a position of the school's log."));
  }
  return sequence;
}

std::optional<std::uint8_t> type_named(std::string_view name) {
  for (const auto type : events::wire::EnumValuesEventBody()) {
    if (events::wire::EnumNameEventBody(type) == name) return static_cast<std::uint8_t>(type);
  }
  return std::nullopt;
}

std::expected<audit_view::AuditQuery, Problem> read_query(const Call& call) {
  audit_view::AuditQuery query;
  const auto from = bound(call, "from");
  if (!from) return std::unexpected(from.error());
  query.from_sequence = from->value_or(0);
  const auto to = bound(call, "to");
  if (!to) return std::unexpected(to.error());
  if (const auto& last = *to) query.to_sequence = *last;
  const auto at = moment_of(call);
  if (!at) return std::unexpected(at.error());
  if (const auto& then = *at) query.to_sequence = std::min(query.to_sequence, *then);
  if (const auto text = call.request.query.find("type")) {
    query.type = type_named(*text);
    if (!query.type) {
      return std::unexpected(invalid_parameter("type", "It is an event such as LeaveGranted."));
    }
  }
  if (const auto text = call.request.query.find("actor")) {
    query.actor = events::parse_id<events::AccountId>(*text);
    if (!query.actor) {
      return std::unexpected(invalid_parameter("actor", "It is the id of an account."));
    }
  }
  return query;
}

/// A page of what the caller may see. It is as long as if nothing else were there: a short page, or
/// a next one with nothing in it, would tell of what it leaves out.
audit_view::AuditPage seen_page(const Call& call, const audit_view::Subject& subject,
                                audit_view::AuditQuery query, std::size_t limit) {
  audit_view::AuditPage seen;
  for (bool goes_on = true; goes_on && seen.rows.size() <= limit;) {
    const auto page = audit_view::trail(*call.views, call.school, subject, query, limit + 1);
    for (const auto& row : page.rows) {
      if (may_see(call, row)) seen.rows.push_back(row);
    }
    goes_on = page.next.has_value() && *page.next > 0;
    if (goes_on) query.to_sequence = *page.next - 1;
  }
  if (seen.rows.size() <= limit) return seen;
  seen.rows.resize(limit);
  seen.next = seen.rows.back().sequence;
  return seen;
}

Response see_trail(Call& call) {
  const auto text = call.request.query.find("subject");
  const auto subject = text ? parse_subject(*text) : std::nullopt;
  if (!subject) {
    return call.problem(invalid_parameter(
        "subject", "It is the id of a child, an account, a group, a post or the school."));
  }
  if (!may_ask(call, *subject)) return call.problem(not_found());
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  auto query = read_query(call);
  if (!query) return call.problem(query.error());
  const auto scope = "audit/" + std::string(*text);
  const auto after = sequence_cursor(call, scope);
  if (!after) return call.problem(after.error());
  if (const auto& shown = *after) {
    if (*shown == 0) return call.problem(invalid_parameter("cursor", "It isn't of this list."));
    query->to_sequence = std::min(query->to_sequence, *shown - 1);
  }
  const auto page = seen_page(call, *subject, *query, *limit);
  return sequence_page(call, scope, page.next, [&](JsonWriter& json) {
    for (const auto& row : page.rows) write_row(json, row);
  });
}

schema::Schema type_name() {
  std::vector<std::string_view> names;
  for (const auto type : events::wire::EnumValuesEventBody()) {
    if (type == events::wire::EventBody::NONE) continue;
    names.emplace_back(events::wire::EnumNameEventBody(type));
  }
  return schema::one_of(names);
}

schema::Schema line_shape() {
  using schema::required, schema::optional, schema::seldom;
  return schema::named("AuditLine", schema::object({
                                        required("position", schema::position()),
                                        required("event", schema::id<events::EventId>()),
                                        required("type", type_name()),
                                        required("actor", schema::id<events::AccountId>()),
                                        required("role", role_name()),
                                        seldom("on_behalf_of", schema::id<events::AccountId>()),
                                        required("recorded_at", schema::instant()),
                                        required("effective_at", schema::instant()),
                                        seldom("causation", schema::id<events::EventId>()),
                                    }));
}

std::vector<QueryParameter> trail_query() {
  return {{"subject", schema::opaque(100, "child_01h455vb4pex5vsknk084sn02q"),
           "The id of a child, an account, a group, a post or the school", true},
          {"type", type_name(), "Only events of this type"},
          {"actor", schema::id<events::AccountId>(), "Only what this account did"},
          {"from", schema::position(), "From this position on"},
          {"to", schema::position(), "Up to this position"},
          at_query()};
}

}  // namespace

std::vector<Route> audit_routes() {
  return {
      {Method::get, "/v1/schools/{school}/audit", "see_audit",
       "Who did what, when, on whose behalf, from what",
       members({{Role::director},
                {Role::deputy},
                {Role::guardian},
                {Role::auditor, Reach::granted_subject}}),
       see_trail, gives(page_of(line_shape())).asks(page_query(trail_query())).versioned()},
  };
}

}  // namespace klasboek::api
