// Groups and who works with them.
#include <algorithm>

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

constexpr TextLimits kGroupNameLimits{.min = 1, .max = 100};

std::expected<std::uint16_t, vault::VaultFault> seal_name(vault::Sealer& sealer,
                                                          events::GroupId group,
                                                          const std::string& name) {
  return sealer.seal({events::SubjectKind::group, group.value},
                     events::RetentionClass::identity_attendance, name);
}

Response found_group(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto name = reader.text("name", kGroupNameLimits);
  const auto kind = reader.one_of<events::GroupKind>("kind", kGroupKinds);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto id = made_id<events::GroupId>(*command_id_of(call));
  Change change;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::FoundGroup order;
    order.group = id;
    order.kind = kind;
    const auto slot = seal_name(sealer, id, name);
    if (!slot) return std::unexpected(slot.error());
    order.name = *slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(
        events, [&](JsonWriter& json) { json.text("id", events::to_text(id)); },
        "/v1/schools/" + events::to_text(call.school) + "/groups/" + events::to_text(id));
  };
  return carry_out(call, change);
}

Response rename_group(Call& call) {
  const auto id = call.path_id<events::GroupId>("group");
  if (!id) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto name = reader.text("name", kGroupNameLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::group_stream(*id);
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::RenameGroup order;
    order.group = *id;
    const auto slot = seal_name(sealer, *id, name);
    if (!slot) return std::unexpected(slot.error());
    order.name = *slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(*id)); });
  };
  return carry_out(call, change);
}

Response see_groups(Call& call) {
  std::vector<std::pair<std::string, directory::GroupRow>> groups;
  for (auto& row : directory::groups(*call.views, call.school)) {
    if (may_see_group(call, row)) groups.emplace_back(call.open_text(row.name), std::move(row));
  }
  std::ranges::sort(groups, {}, [](const auto& group) {
    return std::tuple(folded(group.first), group.second.id);
  });
  return whole_list(call, groups.size(), [&](JsonWriter& json) {
    for (const auto& [name, row] : groups) {
      json.begin_object()
          .text("id", events::to_text(row.id))
          .text("name", name)
          .text("kind", name_in(kGroupKinds, row.kind))
          .end_object();
    }
  });
}

/// For guardians: who works with the group today. When somebody comes or goes is the school's.
void write_staff_of(JsonWriter& json, const Call& call, const directory::GroupRow& group) {
  json.begin_array("staff");
  for (const auto& [id, term] : group.staff) {
    const bool today = term.holds_on(call.today);
    if (call.caller.role == Role::guardian && !today) continue;
    const auto account = directory::account(*call.views, call.school, id);
    if (!account) continue;
    json.begin_object();
    write_person(json, call, *account);
    if (call.caller.role != Role::guardian) {
      json.boolean("today", today).day("first_day", term.first_day);
      if (term.last_day) json.day("last_day", *term.last_day);
    }
    json.end_object();
  }
  json.end_array();
}

Response see_group(Call& call) {
  const auto id = call.path_id<events::GroupId>("group");
  const auto group = id ? directory::group(*call.views, call.school, *id) : std::nullopt;
  if (!group || !may_see_group(call, *group)) return call.problem(not_found());
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .text("id", events::to_text(group->id))
      .text("name", call.open_text(group->name))
      .text("kind", name_in(kGroupKinds, group->kind));
  if (group->closed_after) json.day("last_day", *group->closed_after);
  write_staff_of(json, call, *group);
  json.end_object();
  return tagged(call, group->version, std::move(text));
}

Response assign_staff(Call& call) {
  const auto group = call.path_id<events::GroupId>("group");
  if (!group) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::AssignStaff order;
  const auto account = reader.parsed("account", parse_account, "the id of an account");
  read_term(reader, call.today, order);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  order.group = *group;
  order.account = account.value_or(events::AccountId{});
  return carry_out_plain(call, order, events::group_stream(*group));
}

/// Ends with a day, today where none is named; the colleague works until then, that day included.
Response end_assignment(Call& call) {
  const auto group = call.path_id<events::GroupId>("group");
  const auto account = call.path_id<events::AccountId>("account");
  if (!group || !account) return call.problem(not_found());
  const auto text = call.request.query.find("last_day");
  const auto last_day = text ? events::parse_day(*text) : std::optional(call.today);
  if (!last_day) {
    return call.problem(invalid_parameter("last_day", "It is a day such as 2026-11-02."));
  }
  events::EndStaffAssignment order;
  order.group = *group;
  order.account = *account;
  order.last_day = *last_day;
  return carry_out_plain(call, order, events::group_stream(*group));
}

constexpr std::array kStaffRoles = {Role::director, Role::deputy, Role::office, Role::care,
                                    Role::teacher};

bool is_staff(const Call& call, const directory::AccountRow& account) {
  return std::ranges::any_of(kStaffRoles,
                             [&](Role role) { return account.holds_role(role, call.today); });
}

/// A guardian sees the heads and who works with his own children.
bool may_see_colleague(const Call& call, const directory::AccountRow& account) {
  if (call.caller.role != Role::guardian) return true;
  if (account.holds_role(Role::director, call.today) ||
      account.holds_role(Role::deputy, call.today)) {
    return true;
  }
  return std::ranges::any_of(account.groups, [&](events::GroupId id) {
    const auto group = directory::group(*call.views, call.school, id);
    return group && works_with(call, account.id, id) && may_see_group(call, *group);
  });
}

void write_colleague(JsonWriter& json, const Call& call, const directory::AccountRow& account) {
  json.begin_object();
  write_person(json, call, account);
  json.begin_array("roles");
  for (const auto role : kStaffRoles) {
    if (account.holds_role(role, call.today)) json.text(name_of(role));
  }
  json.end_array().begin_array("groups");
  for (const auto group : account.groups) {
    if (works_with(call, account.id, group)) json.text(events::to_text(group));
  }
  json.end_array();
  if (call.caller.role != Role::guardian && call.caller.role != Role::teacher) {
    write_contact(json, call, account);
  }
  json.end_object();
}

Response see_staff(Call& call) {
  std::vector<std::pair<NameOrder, directory::AccountRow>> staff;
  for (auto& row : directory::accounts(*call.views, call.school)) {
    if (!is_staff(call, row) || !row.is_active(call.today, call.now_us)) continue;
    if (!may_see_colleague(call, row)) continue;
    staff.emplace_back(order_of(person_name_of(call.open_text(row.name))), std::move(row));
  }
  std::ranges::sort(staff, {}, [](const auto& one) { return std::tie(one.first, one.second.id); });
  return whole_list(call, staff.size(), [&](JsonWriter& json) {
    for (const auto& [order, row] : staff) write_colleague(json, call, row);
  });
}

/// Teachers and guardians get those groups that they belong with.
Access group_readers() {
  return members({{Role::office},
                  {Role::care},
                  {Role::director},
                  {Role::deputy},
                  {Role::teacher},
                  {Role::guardian}});
}

std::vector<schema::Member> group_members() {
  return {required("id", schema::id<events::GroupId>()),
          required("name", schema::words(kGroupNameLimits.max, "Groep 3")),
          required("kind", schema::one_of_table(kGroupKinds))};
}

schema::Schema assignment_body() {
  return schema::named(
      "NewAssignment",
      schema::body({required("account", schema::id<events::AccountId>()),
                    optional("first_day", schema::day()), optional("last_day", schema::day())}));
}

schema::Schema group_shape() {
  auto assigned = person_members();
  assigned.push_back(optional("today", schema::boolean()));
  assigned.push_back(optional("first_day", schema::day()));
  assigned.push_back(optional("last_day", schema::day()));
  auto members = group_members();
  members.push_back(optional("last_day", schema::day()));
  members.push_back(required(
      "staff",
      schema::list({.min = 0, .max = 1'000}, schema::named("Assigned", schema::object(assigned)))));
  return schema::named("Group", schema::object(members));
}

schema::Schema colleague_shape() {
  auto members = person_members();
  members.push_back(required("roles", role_names()));
  members.push_back(
      required("groups", schema::list({.min = 0, .max = 1'000}, schema::id<events::GroupId>())));
  for (auto& member : contact_members()) {
    member.is_required = false;
    members.push_back(std::move(member));
  }
  return schema::named("Colleague", schema::object(members));
}

}  // namespace

std::vector<Route> group_routes() {
  return {
      {Method::post, "/v1/schools/{school}/groups", "found_group", "Make a group", administration(),
       found_group,
       makes(position_and_id<events::GroupId>())
           .takes(schema::named(
               "NewGroup",
               schema::body({required("name", schema::text(kGroupNameLimits, "Groep 3")),
                             required("kind", schema::one_of_table(kGroupKinds))})))
           .refuses({Rejection::name_empty, Rejection::group_exists})},
      {Method::get, "/v1/schools/{school}/groups", "see_groups", "The groups I belong with",
       group_readers(), see_groups,
       gives(page_of(schema::named("GroupListed", schema::object(group_members())))).versioned()},
      {Method::post, "/v1/schools/{school}/groups/{group}/assignments", "assign_staff",
       "Let a member of staff work with a group", administration(), assign_staff,
       changes()
           .takes(assignment_body())
           .versioned()
           .refuses({Rejection::group_not_found, Rejection::group_closed,
                     Rejection::staff_already_assigned, Rejection::account_not_found,
                     Rejection::account_closed, Rejection::term_invalid})},
      {Method::get, "/v1/schools/{school}/groups/{group}", "see_group",
       "One group and who works with it", group_readers(), see_group,
       gives(group_shape()).versioned()},
      {Method::patch, "/v1/schools/{school}/groups/{group}", "rename_group",
       "Give a group another name", administration(), rename_group,
       gives(position_and_id<events::GroupId>())
           .takes(schema::named(
               "GroupName",
               schema::body({required("name", schema::text(kGroupNameLimits, "Groep 4"))})))
           .versioned()
           .refuses(
               {Rejection::name_empty, Rejection::group_not_found, Rejection::nothing_to_change})},
      {Method::delete_, "/v1/schools/{school}/groups/{group}/assignments/{account}",
       "end_assignment", "End a colleague's work with a group, today or with ?last_day=",
       administration(), end_assignment,
       changes()
           .asks({{"last_day", schema::day(),
                   "The last day of the work; today where it isn't given"}})
           .versioned()
           .refuses({Rejection::group_not_found, Rejection::staff_not_assigned,
                     Rejection::term_invalid})},
      {Method::get, "/v1/schools/{school}/staff", "see_staff",
       "Colleagues; for a guardian the heads and who works with the own children", group_readers(),
       see_staff, gives(page_of(colleague_shape())).versioned()},
  };
}

}  // namespace klasboek::api
