// Auditors: who may read what of the school, until when, and the end of it.
#include <optional>

#include "api/admission.h"
#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;

constexpr TextLimits kPurposeLimits{.min = 1, .max = 2'000, .lines = true};

Response grant_audit(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto account = reader.parsed("account", parse_account, "the id of an account");
  const auto child_text = reader.optional_text("child", {.min = 1, .max = 100});
  const auto first_day = reader.optional_day("first_day");
  const auto last_day = reader.day("last_day");
  const bool readable_text = reader.optional_boolean("readable_text").value_or(false);
  const auto purpose = reader.text("purpose", kPurposeLimits);
  const auto child = child_text ? parse_child(*child_text) : std::optional(events::ChildId{});
  if (!child) reader.refuse("child", "invalid_value", "It is the id of a child.");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  events::GrantAudit order;
  order.account = account.value_or(events::AccountId{});
  order.of_child = child.value_or(events::ChildId{});
  order.first_day = first_day.value_or(call.today);
  order.last_day = last_day;
  order.readable_text = readable_text;
  return carry_out_with_text(call, order, &events::GrantAudit::purpose,
                             {events::SubjectKind::account, order.account.value}, purpose);
}

Response end_grant(Call& call) {
  const auto account = call.path_id<events::AccountId>("account");
  if (!account) return call.problem(not_found());
  events::EndAuditGrant order;
  order.account = *account;
  if (const auto text = call.request.query.find("child")) {
    const auto child = parse_child(*text);
    if (!child) return call.problem(invalid_parameter("child", "It is the id of a child."));
    order.of_child = *child;
  }
  return carry_out_plain(call, order, events::account_stream(*account));
}

void write_grant(JsonWriter& json, const Call& call, const directory::AccountRow& account,
                 const directory::AuditGrant& grant) {
  json.begin_object();
  write_person(json, call, account);
  if (!grant.child.is_zero()) json.text("child", events::to_text(grant.child));
  json.day("first_day", grant.term.first_day);
  if (grant.term.last_day) json.day("last_day", *grant.term.last_day);
  json.boolean("readable_text", grant.readable_text)
      .text("purpose", call.open_text(grant.purpose))
      .end_object();
}

Response see_grants(Call& call) {
  const auto accounts = directory::accounts(*call.views, call.school);
  return whole_list(call, accounts.size(), [&](JsonWriter& json) {
    for (const auto& account : accounts) {
      for (const auto& grant : account.audit_grants) write_grant(json, call, account, grant);
    }
  });
}

schema::Schema grant_body() {
  return schema::named(
      "AuditGrantRequest",
      schema::body({required("account", schema::id<events::AccountId>()),
                    optional("child", schema::id<events::ChildId>()),
                    optional("first_day", schema::day()), required("last_day", schema::day()),
                    optional("readable_text", schema::boolean()),
                    required("purpose", schema::text(kPurposeLimits, "Een klacht."))}));
}

schema::Schema grant_shape() {
  auto members = person_members();
  members.push_back(optional("child", schema::id<events::ChildId>()));
  members.push_back(required("first_day", schema::day()));
  members.push_back(optional("last_day", schema::day()));
  members.push_back(required("readable_text", schema::boolean()));
  members.push_back(required("purpose", schema::words(kPurposeLimits.max, "Een klacht.")));
  return schema::named("AuditGrant", schema::object(members));
}

}  // namespace

std::vector<Route> audit_grant_routes() {
  return {
      {Method::post, "/v1/schools/{school}/audit-grants", "grant_audit",
       "Let an auditor read the school or one child, until a day; a newer one replaces it",
       members({{Role::director}}), grant_audit,
       changes()
           .takes(grant_body())
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::child_not_found, Rejection::term_invalid})},
      {Method::get, "/v1/schools/{school}/audit-grants", "see_audit_grants",
       "What auditors may read, and why", members({{Role::director}, {Role::deputy}}), see_grants,
       gives(page_of(grant_shape())).versioned()},
      {Method::delete_, "/v1/schools/{school}/audit-grants/{account}", "end_audit_grant",
       "End an auditor's grant at once: the school's, or with ?child= that of a child",
       members({{Role::director}, {Role::deputy}}), end_grant,
       changes()
           .asks({{"child", schema::id<events::ChildId>(),
                   "Whose grant; the school's where it isn't given"}})
           .versioned()
           .refuses({Rejection::account_not_found, Rejection::audit_grant_not_found})},
  };
}

}  // namespace klasboek::api
