#include "api/roster_plan_shape.h"

#include "api/shape.h"
#include "api/wire_names.h"
#include "events/ids.h"

namespace klasboek::api::roster {

namespace {

using schema::count;
using schema::day;
using schema::id;
using schema::Member;
using schema::named;
using schema::object;
using schema::optional;
using schema::required;
using schema::Schema;
using schema::seldom;
using schema::words;

constexpr ListLimits kManyMax{.min = 0, .max = 1'000'000};
constexpr std::size_t kKeyCharactersMax = 500;
constexpr std::size_t kMessageCharactersMax = 5'000;

Schema key() { return words(kKeyCharactersMax, "1234567"); }
Schema name_text() { return words(kFullNameCharactersMax, "Groep 3"); }

/// Of the file's line that says so.
std::vector<Member> with_place(std::vector<Member> members) {
  members.push_back(required("file", count(0)));
  members.push_back(required("line", count(12)));
  return members;
}

Schema person_name() {
  return named("PlannedName",
               object({required("given", words(kFullNameCharactersMax, "Sam")),
                       required("prefix", words(kFullNameCharactersMax, "")),
                       required("family", words(kFullNameCharactersMax, "Voorbeeld"))}));
}

Schema group_ref() {
  return named("PlannedGroup", object({optional("id", id<events::GroupId>()),
                                       required("key", key()), required("name", name_text())}));
}

Schema child_ref() {
  return named("PlannedChild", object({optional("id", id<events::ChildId>()),
                                       required("key", key()), required("name", person_name())}));
}

Schema person_ref() {
  return named("PlannedPerson",
               object({optional("id", id<events::AccountId>()), seldom("opened", count(0)),
                       required("name", person_name())}));
}

Schema phones() { return schema::list({.min = 0, .max = 100}, words(100, "06-12345678")); }

Member list_of(std::string_view name, const std::vector<Member>& item) {
  return required(name, schema::list(kManyMax, object(item)));
}

std::vector<Member> link() {
  return {required("child", child_ref()), required("guardian", person_ref()),
          required("relation", schema::one_of_table(kRelations)), required("household", count(1)),
          required("contact_order", count(1))};
}

Schema counts() {
  std::vector<Member> members;
  for (const auto name :
       {"groups_added", "groups_renamed", "groups_closed", "children_added", "children_corrected",
        "children_moved", "children_left", "children_unchanged", "recognised", "accounts_opened",
        "accounts_corrected", "staff", "guardians_linked", "guardians_changed", "proposals"}) {
    members.push_back(required(name, count(0)));
  }
  return object(members);
}

void add_groups_and_children(std::vector<Member>& plan) {
  plan.push_back(
      list_of("groups_added", with_place({required("key", key()), required("name", name_text())})));
  plan.push_back(list_of("groups_renamed", with_place({required("group", group_ref()),
                                                       required("name", name_text())})));
  plan.push_back(required("groups_closed", schema::list(kManyMax, group_ref())));
  plan.push_back(
      list_of("children_added",
              with_place({required("key", key()), required("name", person_name()),
                          optional("birth_day", day()), optional("class_group", group_ref())})));
  plan.push_back(list_of("children_corrected", with_place({required("child", child_ref()),
                                                           optional("name", person_name()),
                                                           optional("birth_day", day())})));
  plan.push_back(list_of("children_moved",
                         with_place({required("child", child_ref()), optional("from", group_ref()),
                                     required("to", group_ref())})));
  plan.push_back(
      list_of("children_left", {required("child", child_ref()), optional("from", group_ref())}));
}

void add_people(std::vector<Member>& plan) {
  plan.push_back(list_of(
      "recognised",
      with_place({required("key", key()),
                  required("id", schema::opaque(100, "child_01h455vb4pex5vsknk084sn02q"))})));
  plan.push_back(
      list_of("accounts_opened", with_place({required("name", person_name()),
                                             required("email", words(254, "jolanda@example.org")),
                                             required("phones", phones())})));
  plan.push_back(
      list_of("accounts_corrected",
              with_place({required("person", person_ref()), optional("name", person_name()),
                          optional("email", words(254, "jolanda@example.org")),
                          optional("phones", phones())})));
  plan.push_back(list_of(
      "staff", with_place({required("person", person_ref()), required("key", key()),
                           required("is_new", schema::boolean()), required("roles", role_names()),
                           required("groups", schema::list(kManyMax, group_ref()))})));
  auto linked = link();
  linked.push_back(required("authority", schema::one_of_table(kAuthorities)));
  plan.push_back(list_of("guardians_linked", with_place(linked)));
  plan.push_back(list_of("guardians_changed", with_place(link())));
}

Schema confirmation() {
  return object({required("leavers", count(12)), required("children", count(200)),
                 required("groups_left_whole", schema::list(kManyMax, group_ref())),
                 required("keys_missing", schema::boolean(false))});
}

}  // namespace

Schema plan_shape() {
  std::vector<Member> plan{required("changes_nothing", schema::boolean(false)),
                           required("counts", counts())};
  add_groups_and_children(plan);
  add_people(plan);
  plan.push_back(list_of(
      "proposals", with_place({required("kind", schema::one_of({"give_role", "record_authority",
                                                                "unlink_guardian", "end_role",
                                                                "end_assignment", "staff_left"})),
                               required("person", person_ref()), optional("child", child_ref()),
                               optional("group", group_ref()), optional("role", role_name()),
                               optional("authority", schema::one_of_table(kAuthorities))})));
  plan.push_back(required("requires_confirmation", schema::nullable(confirmation())));
  plan.push_back(list_of(
      "problems",
      with_place({required("code", schema::opaque(100, "birth_day_missing")),
                  required("severity", schema::one_of({"error", "warning", "note"})),
                  required("place", words(kMessageCharactersMax, "Leerling 1234567")),
                  required("message", words(kMessageCharactersMax, "The birth day is missing.")),
                  required("remedy", words(kMessageCharactersMax, "Add it and export again."))})));
  return named("RosterPlan", object(plan));
}

}  // namespace klasboek::api::roster
