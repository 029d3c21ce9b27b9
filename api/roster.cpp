// Children by hand: enrolling, moving, correcting and leaving.
#include <algorithm>

#include "api/admission.h"
#include "api/dutch_order.h"
#include "api/page.h"
#include "api/person_text.h"
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

std::string group_name(const Call& call, events::GroupId id) {
  const auto row = directory::group(*call.views, call.school, id);
  return row ? call.open_text(row->name) : std::string();
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
  order.group = group.value_or(events::GroupId{});
  order.first_day = first_day.value_or(call.today);
  return carry_out_plain(call, order, events::child_stream(*child));
}

Response correct_child(Call& call) {
  const auto id = call.path_id<events::ChildId>("child");
  if (!id) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  std::optional<PersonName> name;
  reader.optional_object("name", [&](JsonReader& each) { name = read_name(each); });
  const auto birth_day = reader.optional_day("birth_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::child_stream(*id);
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::CorrectChild order;
    order.child = *id;
    const auto seal = [&](const std::optional<std::string>& text) {
      return sealer.seal_optional({events::SubjectKind::child, id->value},
                                  events::RetentionClass::identity_attendance, text);
    };
    const auto name_slot = seal(name ? std::optional(to_text(*name)) : std::nullopt);
    const auto birth_day_slot =
        seal(birth_day ? std::optional(events::to_text(*birth_day)) : std::nullopt);
    if (!name_slot || !birth_day_slot) return std::unexpected(vault::VaultFault::busy);
    order.name = *name_slot;
    order.birth_day = *birth_day_slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(*id)); });
  };
  return carry_out(call, change);
}

Response record_departure(Call& call) {
  const auto id = call.path_id<events::ChildId>("child");
  if (!id) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::RecordLeaver order;
  order.child = *id;
  order.last_day = reader.day("last_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return carry_out_plain(call, order, events::child_stream(*id));
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
        .integer("contact_order", link.contact_order);
    if (link.shielded) json.boolean("shielded", true);
    json.end_object();
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

/// As a Dutch list is sorted.
Response see_children(Call& call) {
  std::vector<std::pair<NameOrder, directory::ChildRow>> children;
  for (auto& row : directory::children(*call.views, call.school)) {
    if (!row.enrolment.holds_on(call.today) || !may_see_child(call, row)) continue;
    children.emplace_back(order_of(person_name_of(call.open_text(row.name))), std::move(row));
  }
  std::ranges::sort(children, {},
                    [](const auto& child) { return std::tie(child.first, child.second.id); });
  return whole_list(call, children.size(), [&](JsonWriter& json) {
    for (const auto& [order, row] : children) write_child(json, call, row);
  });
}

schema::Schema enrolment_body() {
  return schema::named(
      "NewChild", schema::body({required("name", name_body()), required("birth_day", schema::day()),
                                optional("group", schema::id<events::GroupId>()),
                                optional("first_day", schema::day())}));
}

schema::Schema correction_body() {
  return schema::named("ChildCorrection", schema::body({optional("name", name_body()),
                                                        optional("birth_day", schema::day())}));
}

schema::Schema placement_body() {
  return schema::named("Placement", schema::body({required("group", schema::id<events::GroupId>()),
                                                  optional("first_day", schema::day())}));
}

schema::Schema child_shape() {
  auto link = link_members();
  link.insert(link.begin(), required("account", schema::id<events::AccountId>()));
  return schema::named(
      "Child", schema::object({
                   required("id", schema::id<events::ChildId>()),
                   required("name", schema::words(kFullNameCharactersMax, "Sam Voorbeeld")),
                   required("given", schema::words(kFullNameCharactersMax, "Sam")),
                   required("prefix", schema::words(kFullNameCharactersMax, "")),
                   required("family", schema::words(kFullNameCharactersMax, "Voorbeeld")),
                   // A day, or words where it can't be read any more.
                   required("birth_day", schema::words(40, "2020-03-14")),
                   optional("group", schema::id<events::GroupId>()),
                   optional("group_name", schema::words(kFullNameCharactersMax, "Groep 3")),
                   required("guardians",
                            schema::list({.min = 0, .max = 100},
                                         schema::named("ChildsGuardian", schema::object(link)))),
               }));
}

}  // namespace

std::vector<Route> roster_routes() {
  return {
      {Method::post, "/v1/schools/{school}/children", "enrol_child", "Enrol a child",
       administration(), enrol_child,
       makes(position_and_id<events::ChildId>())
           .takes(enrolment_body())
           .refuses({Rejection::child_exists, Rejection::group_not_found, Rejection::group_closed,
                     Rejection::group_is_no_class, Rejection::name_empty})},
      {Method::get, "/v1/schools/{school}/children", "see_children",
       "Children: mine, of my class, or of the school", roster_readers(), see_children,
       gives(page_of(child_shape())).versioned()},
      {Method::get, "/v1/schools/{school}/children/{child}", "see_child",
       "One child, with its group and guardians",
       members({{Role::office},
                {Role::care},
                {Role::director},
                {Role::deputy},
                {Role::teacher, Reach::own_class},
                {Role::guardian, Reach::own_child},
                {Role::auditor, Reach::granted}}),
       see_child, gives(child_shape()).versioned()},
      {Method::patch, "/v1/schools/{school}/children/{child}", "correct_child",
       "Correct a child's name or birth day", administration(), correct_child,
       gives(position_and_id<events::ChildId>())
           .takes(correction_body())
           .versioned()
           .refuses({Rejection::child_not_found, Rejection::nothing_to_change})},
      {Method::post, "/v1/schools/{school}/children/{child}/departure", "record_departure",
       "A child leaves the school after its last day", administration(), record_departure,
       changes()
           .takes(schema::named("Departure", schema::body({required("last_day", schema::day())})))
           .versioned()
           .refuses({Rejection::child_not_found, Rejection::child_left,
                     Rejection::day_before_enrolment})},
      {Method::post, "/v1/schools/{school}/children/{child}/placements", "place_child",
       "Move a child to a class", administration(), place_child,
       changes()
           .takes(placement_body())
           .versioned()
           .refuses({Rejection::child_not_found, Rejection::child_left,
                     Rejection::child_already_there, Rejection::day_before_enrolment,
                     Rejection::group_not_found, Rejection::group_closed,
                     Rejection::group_is_no_class})},
  };
}

}  // namespace klasboek::api
