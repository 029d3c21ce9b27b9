// The roster by hand: groups, children, guardians and their authority.
#include <algorithm>

#include "api/admission.h"
#include "api/page.h"
#include "api/person_text.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using events::Role;

constexpr TextLimits kGroupNameLimits{.min = 1, .max = 100};
constexpr IntegerLimits kSmallNumber{.min = 1, .max = 20};

std::string group_name(const Call& call, events::GroupId id) {
  const auto row = directory::group(*call.views, call.school, id);
  return row ? call.open_text(row->name) : std::string();
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
  change.canonical_body = call.request.body;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::FoundGroup order;
    order.group = id;
    order.kind = kind;
    const auto slot = sealer.seal({events::SubjectKind::group, id.value},
                                  events::RetentionClass::identity_attendance, name);
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

/// A teacher and a guardian see the groups that they belong with; others see all.
bool may_see_group(const Call& call, const directory::GroupRow& group) {
  if (group.kind == events::GroupKind::whole_school) return true;
  switch (call.caller.role) {
    case Role::teacher:
      return works_with(call, call.caller.account, group.id);
    case Role::guardian:
      return std::ranges::any_of(call.caller.row.children, [&](events::ChildId id) {
        const auto child = directory::child(*call.views, call.school, id);
        return child && child->class_on(call.today) == group.id;
      });
    default:
      return true;
  }
}

Response see_groups(Call& call) {
  std::vector<std::pair<std::string, directory::GroupRow>> groups;
  for (auto& row : directory::groups(*call.views, call.school)) {
    if (may_see_group(call, row)) groups.emplace_back(call.open_text(row.name), std::move(row));
  }
  std::ranges::sort(groups, {}, &std::pair<std::string, directory::GroupRow>::first);
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

Response assign_staff(Call& call) {
  const auto group = call.path_id<events::GroupId>("group");
  if (!group) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto account = reader.parsed("account", parse_account, "the id of an account");
  const auto first_day = reader.optional_day("first_day");
  const auto last_day = reader.optional_day("last_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  events::AssignStaff order;
  order.group = *group;
  order.account = *account;
  order.first_day = first_day.value_or(call.today);
  order.last_day = last_day.value_or(events::Day{});
  order.open_ended = !last_day;
  return carry_out_plain(call, order);
}

struct ChildBody {
  PersonName name;
  events::Day birth_day;
  std::optional<events::GroupId> group;
  std::optional<events::Day> first_day;
};

Response enrol_child(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  ChildBody child;
  reader.object("name", [&](JsonReader& name) { child.name = read_name(name); });
  child.birth_day = reader.day("birth_day");
  child.group = reader.optional_parsed("group", parse_group, "the id of a group");
  child.first_day = reader.optional_day("first_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto id = made_id<events::ChildId>(*command_id_of(call));
  const events::SubjectRef subject{events::SubjectKind::child, id.value};
  Change change;
  change.canonical_body = call.request.body;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::EnrolChild order;
    order.child = id;
    order.first_day = child.first_day.value_or(call.today);
    order.group = child.group.value_or(events::GroupId{});
    const auto name =
        sealer.seal(subject, events::RetentionClass::identity_attendance, to_text(child.name));
    const auto birth_day = sealer.seal(subject, events::RetentionClass::identity_attendance,
                                       events::to_text(child.birth_day));
    if (!name || !birth_day) return std::unexpected(vault::VaultFault::busy);
    order.name = *name;
    order.birth_day = *birth_day;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(
        events, [&](JsonWriter& json) { json.text("id", events::to_text(id)); },
        "/v1/schools/" + events::to_text(call.school) + "/children/" + events::to_text(id));
  };
  return carry_out(call, change);
}

Response place_child(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto group = reader.parsed("group", parse_group, "the id of a group");
  const auto first_day = reader.optional_day("first_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  events::PlaceChild order;
  order.child = *child;
  order.group = *group;
  order.first_day = first_day.value_or(call.today);
  return carry_out_plain(call, order);
}

/// A guardian sees his own link; who else is linked is the school's to know.
void write_guardians(JsonWriter& json, const Call& call, const directory::ChildRow& child) {
  json.begin_array("guardians");
  for (const auto& link : child.guardians) {
    if (call.caller.role == Role::guardian && link.guardian != call.caller.account) continue;
    json.begin_object()
        .text("account", events::to_text(link.guardian))
        .text("relation", name_in(kRelations, link.relation))
        .text("authority", name_in(kAuthorities, link.authority))
        .integer("household", link.household)
        .integer("contact_order", link.contact_order)
        .end_object();
  }
  json.end_array();
}

void write_child(JsonWriter& json, const Call& call, const directory::ChildRow& child) {
  const auto name = person_name_of(call.open_text(child.name));
  json.begin_object()
      .text("id", events::to_text(child.id))
      .text("name", name.full())
      .text("given", name.given)
      .text("prefix", name.prefix)
      .text("family", name.family)
      .text("birth_day", call.open_text(child.birth_day));
  if (const auto group = child.class_on(call.today)) {
    json.text("group", events::to_text(*group)).text("group_name", group_name(call, *group));
  }
  write_guardians(json, call, child);
  json.end_object();
}

Response see_child(Call& call) {
  const auto id = call.path_id<events::ChildId>("child");
  const auto child = id ? directory::child(*call.views, call.school, *id) : std::nullopt;
  if (!child) return call.problem(not_found());
  std::string text;
  JsonWriter json(text);
  write_child(json, call, *child);
  return tagged(call, child->version, std::move(text));
}

bool may_list_child(const Call& call, const directory::ChildRow& child) {
  switch (call.caller.role) {
    case Role::guardian:
      return child.guardian(call.caller.account) != nullptr;
    case Role::teacher: {
      const auto group = child.class_on(call.today);
      return group && works_with(call, call.caller.account, *group);
    }
    default:
      return true;
  }
}

/// By family name without prefix, then given name: as a Dutch list is sorted.
Response see_children(Call& call) {
  std::vector<std::pair<PersonName, directory::ChildRow>> children;
  for (auto& row : directory::children(*call.views, call.school)) {
    if (!row.enrolment.holds_on(call.today) || !may_list_child(call, row)) continue;
    children.emplace_back(person_name_of(call.open_text(row.name)), std::move(row));
  }
  std::ranges::sort(children, {}, [](const auto& child) {
    return std::tie(child.first.family, child.first.given, child.second.id);
  });
  return whole_list(call, children.size(), [&](JsonWriter& json) {
    for (const auto& [name, row] : children) write_child(json, call, row);
  });
}

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
  order.guardian = *guardian;
  return carry_out_plain(call, order);
}

Response record_authority(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto guardian = call.path_id<events::AccountId>("guardian");
  if (!child || !guardian) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::RecordGuardianAuthority order;
  order.child = *child;
  order.guardian = *guardian;
  order.authority = reader.one_of<events::Authority>("authority", kAuthorities);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return carry_out_plain(call, order);
}

Response unlink_guardian(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto guardian = call.path_id<events::AccountId>("guardian");
  if (!child || !guardian) return call.problem(not_found());
  events::UnlinkGuardian order;
  order.child = *child;
  order.guardian = *guardian;
  return carry_out_plain(call, order);
}

constexpr std::string_view kListShape =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array","items":{"type":"object"}},"next":{"type":["string","null"]}}})";

Access administration() { return members({{Role::office}, {Role::director}, {Role::deputy}}); }
Access child_readers() {
  return members({{Role::office},
                  {Role::care},
                  {Role::director},
                  {Role::deputy},
                  {Role::teacher, Reach::own_class},
                  {Role::guardian, Reach::own_child}});
}

}  // namespace

std::vector<Route> roster_routes() {
  return {
      {Method::post,
       "/v1/schools/{school}/groups",
       "found_group",
       "Make a group",
       administration(),
       found_group,
       {R"({"type":"object","required":["name","kind"],"additionalProperties":false,"properties":{"name":{"type":"string","minLength":1,"maxLength":100},"kind":{"enum":["class_group","whole_school","other"]}}})",
        kMadeShape}},
      {Method::get,
       "/v1/schools/{school}/groups",
       "see_groups",
       "The groups I belong with",
       child_readers(),
       see_groups,
       {"", kListShape}},
      {Method::post,
       "/v1/schools/{school}/groups/{group}/assignments",
       "assign_staff",
       "Let a member of staff work with a group",
       administration(),
       assign_staff,
       {R"({"type":"object","required":["account"],"additionalProperties":false,"properties":{"account":{"type":"string"},"first_day":{"type":"string","format":"date"},"last_day":{"type":"string","format":"date"}}})",
        kPositionShape}},
      {Method::post,
       "/v1/schools/{school}/children",
       "enrol_child",
       "Enrol a child",
       administration(),
       enrol_child,
       {R"({"type":"object","required":["name","birth_day"],"additionalProperties":false,"properties":{"name":{"type":"object"},"birth_day":{"type":"string","format":"date"},"group":{"type":"string"},"first_day":{"type":"string","format":"date"}}})",
        kMadeShape}},
      {Method::get,
       "/v1/schools/{school}/children",
       "see_children",
       "Children: mine, of my class, or of the school",
       child_readers(),
       see_children,
       {"", kListShape}},
      {Method::get,
       "/v1/schools/{school}/children/{child}",
       "see_child",
       "One child",
       child_readers(),
       see_child,
       {"", R"({"type":"object"})"}},
      {Method::post,
       "/v1/schools/{school}/children/{child}/placements",
       "place_child",
       "Move a child to a class",
       administration(),
       place_child,
       {R"({"type":"object","required":["group"],"additionalProperties":false,"properties":{"group":{"type":"string"},"first_day":{"type":"string","format":"date"}}})",
        kPositionShape}},
      {Method::post,
       "/v1/schools/{school}/children/{child}/guardians",
       "link_guardian",
       "Link a guardian to a child",
       administration(),
       link_guardian,
       {R"({"type":"object","required":["account","relation","authority"],"additionalProperties":false,"properties":{"account":{"type":"string"},"relation":{"type":"string"},"authority":{"enum":["unknown","with","without"]},"household":{"type":"integer"},"contact_order":{"type":"integer"}}})",
        kPositionShape}},
      {Method::patch,
       "/v1/schools/{school}/children/{child}/guardians/{guardian}",
       "record_authority",
       "Record parental authority",
       administration(),
       record_authority,
       {R"({"type":"object","required":["authority"],"additionalProperties":false,"properties":{"authority":{"enum":["unknown","with","without"]}}})",
        kPositionShape}},
      {Method::delete_,
       "/v1/schools/{school}/children/{child}/guardians/{guardian}",
       "unlink_guardian",
       "End the link of a guardian with a child",
       administration(),
       unlink_guardian,
       {"", kPositionShape}},
  };
}

}  // namespace klasboek::api
