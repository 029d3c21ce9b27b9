// Guardians: who belongs with which child, with what rights and in what order they are called.
#include <algorithm>
#include <optional>

#include "api/admission.h"
#include "api/dutch_order.h"
#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr IntegerLimits kSmallNumber{.min = 1, .max = 20};

Response link_guardian(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::LinkGuardian order;
  order.child = *child;
  const auto guardian = reader.parsed("account", parse_account, "the id of an account");
  order.relation = reader.one_of<events::Relation>("relation", kRelations);
  order.authority = reader.one_of<events::Authority>("authority", kAuthorities);
  order.household =
      static_cast<std::uint8_t>(reader.optional_integer("household", kSmallNumber).value_or(1));
  order.contact_order =
      static_cast<std::uint8_t>(reader.optional_integer("contact_order", kSmallNumber).value_or(1));
  if (const auto problem = reader.finish()) return call.problem(*problem);
  order.guardian = guardian.value_or(events::AccountId{});
  return carry_out_plain(call, order, events::child_stream(*child));
}

/// What a body says of a link. Authority is decided by itself: it rests on a document, and nobody
/// records it for his own child.
struct LinkBody {
  std::optional<events::Authority> authority;
  std::optional<events::Relation> relation;
  std::optional<std::int64_t> household;
  std::optional<std::int64_t> contact_order;
  [[nodiscard]] bool says_relation() const { return relation || household || contact_order; }
};

std::expected<LinkBody, Problem> read_link(const Call& call) {
  const auto body = read_json(call.request);
  if (!body) return std::unexpected(body.error());
  JsonReader reader(*body);
  LinkBody link;
  link.authority = reader.optional_one_of<events::Authority>("authority", kAuthorities);
  link.relation = reader.optional_one_of<events::Relation>("relation", kRelations);
  link.household = reader.optional_integer("household", kSmallNumber);
  link.contact_order = reader.optional_integer("contact_order", kSmallNumber);
  if (link.authority && link.says_relation()) {
    reader.refuse("authority", "decided_apart",
                  "Authority is recorded by itself: send it without the other members.");
  }
  if (auto problem = reader.finish()) return std::unexpected(*std::move(problem));
  if (!link.authority && !link.says_relation()) {
    return std::unexpected(problem_of("nothing_to_change"));
  }
  return link;
}

Response change_link(Call& call) {
  const auto id = call.path_id<events::ChildId>("child");
  const auto guardian = call.path_id<events::AccountId>("guardian");
  if (!id || !guardian) return call.problem(not_found());
  const auto body = read_link(call);
  if (!body) return call.problem(body.error());
  const auto stream = events::child_stream(*id);
  if (const auto& authority = body->authority) {
    events::RecordGuardianAuthority order;
    order.child = *id;
    order.guardian = *guardian;
    order.authority = *authority;
    return carry_out_plain(call, order, stream);
  }
  // What isn't named stays as it is.
  const auto child = directory::child(*call.views, call.school, *id);
  const auto* link = child ? child->link_of(*guardian) : nullptr;
  events::ChangeGuardianRelation order;
  order.child = *id;
  order.guardian = *guardian;
  const auto known = link != nullptr ? *link : directory::GuardianLink{};
  order.relation = body->relation.value_or(known.relation);
  order.household = static_cast<std::uint8_t>(body->household.value_or(known.household));
  order.contact_order =
      static_cast<std::uint8_t>(body->contact_order.value_or(known.contact_order));
  return carry_out_plain(call, order, stream);
}

Response unlink_guardian(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto guardian = call.path_id<events::AccountId>("guardian");
  if (!child || !guardian) return call.problem(not_found());
  events::UnlinkGuardian order;
  order.child = *child;
  order.guardian = *guardian;
  return carry_out_plain(call, order, events::child_stream(*child));
}

/// Children of this guardian whom the caller sees.
std::vector<directory::ChildRow> shared_children(const Call& call,
                                                 const directory::AccountRow& guardian) {
  std::vector<directory::ChildRow> children;
  const auto add = [&](events::ChildId id) {
    auto child = directory::child(*call.views, call.school, id);
    if (!child || !child->enrolment.holds_on(call.today) || !may_see_child(call, *child)) return;
    children.push_back(*std::move(child));
  };
  for (const auto id : guardian.children) add(id);
  // Not seen by the guardian himself.
  for (const auto id : guardian.shielded_children) add(id);
  return children;
}

struct Listed {
  NameOrder order;
  directory::AccountRow row;
  std::vector<directory::ChildRow> children;
};

void write_listed(JsonWriter& json, const Call& call, const Listed& listed) {
  json.begin_object();
  write_person(json, call, listed.row);
  write_contact(json, call, listed.row);
  json.begin_array("children");
  for (const auto& child : listed.children) {
    const auto* link = child.link_of(listed.row.id);
    if (link == nullptr) continue;
    json.begin_object()
        .text("child", events::to_text(child.id))
        .text("relation", name_in(kRelations, link->relation))
        .text("authority", name_in(kAuthorities, link->authority))
        .integer("household", link->household)
        .integer("contact_order", link->contact_order);
    if (link->shielded) json.boolean("shielded", true);
    json.end_object();
  }
  json.end_array().end_object();
}

/// A guardian finds himself here and nobody else: one never learns how another is reached.
Response see_guardians(Call& call) {
  std::vector<Listed> guardians;
  for (auto& row : directory::accounts(*call.views, call.school)) {
    if (call.caller.role == Role::guardian && row.id != call.caller.account) continue;
    auto children = shared_children(call, row);
    if (children.empty()) continue;
    auto order = order_of(person_name_of(call.open_text(row.name)));
    guardians.push_back({std::move(order), std::move(row), std::move(children)});
  }
  std::ranges::sort(guardians, {},
                    [](const Listed& one) { return std::tie(one.order, one.row.id); });
  return whole_list(call, guardians.size(), [&](JsonWriter& json) {
    for (const auto& one : guardians) write_listed(json, call, one);
  });
}

schema::Schema link_body() {
  return schema::named("NewLink",
                       schema::body({required("account", schema::id<events::AccountId>()),
                                     required("relation", schema::one_of_table(kRelations)),
                                     required("authority", schema::one_of_table(kAuthorities)),
                                     optional("household", schema::integer(kSmallNumber, 1)),
                                     optional("contact_order", schema::integer(kSmallNumber, 1))}));
}

schema::Schema link_change_body() {
  return schema::named("LinkChange",
                       schema::body({seldom("authority", schema::one_of_table(kAuthorities)),
                                     optional("relation", schema::one_of_table(kRelations)),
                                     optional("household", schema::integer(kSmallNumber, 2)),
                                     optional("contact_order", schema::integer(kSmallNumber, 1))}));
}

schema::Schema guardian_shape() {
  auto link = link_members();
  link.insert(link.begin(), required("child", schema::id<events::ChildId>()));
  auto members = person_members();
  for (auto& member : contact_members()) members.push_back(std::move(member));
  members.push_back(required(
      "children",
      schema::list({.min = 0, .max = 100}, schema::named("GuardiansChild", schema::object(link)))));
  return schema::named("Guardian", schema::object(members));
}

}  // namespace

std::vector<Route> guardian_routes() {
  return {
      {Method::get, "/v1/schools/{school}/guardians", "see_guardians",
       "Guardians of the school or of the own class, with how they are reached; for a guardian "
       "himself alone",
       roster_readers(), see_guardians, gives(page_of(guardian_shape())).versioned()},
      {Method::post, "/v1/schools/{school}/children/{child}/guardians", "link_guardian",
       "Link a guardian to a child", administration(), link_guardian,
       changes()
           .takes(link_body())
           .versioned()
           .refuses({Rejection::child_not_found, Rejection::guardian_already_linked,
                     Rejection::shield_already_raised, Rejection::account_not_found,
                     Rejection::account_closed, Rejection::own_child_is_decided_by_another})},
      {Method::patch, "/v1/schools/{school}/children/{child}/guardians/{guardian}",
       "change_guardian",
       "Record parental authority, or change relation, household and order of calling",
       administration(), change_link,
       changes()
           .takes(link_change_body())
           .versioned()
           .refuses({Rejection::child_not_found, Rejection::guardian_not_linked,
                     Rejection::nothing_to_change, Rejection::own_child_is_decided_by_another})},
      {Method::delete_, "/v1/schools/{school}/children/{child}/guardians/{guardian}",
       "unlink_guardian", "End the link of a guardian with a child", administration(),
       unlink_guardian,
       changes().versioned().refuses({Rejection::child_not_found, Rejection::guardian_not_linked,
                                      Rejection::own_child_is_decided_by_another})},
  };
}

}  // namespace klasboek::api
