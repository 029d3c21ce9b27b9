#include "api/roster_words.h"

#include <algorithm>

#include "api/admission.h"
#include "api/wire_names.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using events::Role;

constexpr TextLimits kEmailLimits{.min = 3, .max = 254};
constexpr TextLimits kPhoneLimits{.min = 3, .max = 30};
constexpr ListLimits kPhonesMax{.min = 0, .max = 5};
constexpr TextLimits kGivenLimits{.min = 0, .max = 100};
constexpr TextLimits kPrefixLimits{.min = 0, .max = 20};
constexpr TextLimits kFamilyLimits{.min = 1, .max = 100};

}  // namespace

std::optional<events::AccountId> parse_account(std::string_view text) {
  return events::parse_id<events::AccountId>(text);
}

std::optional<events::ChildId> parse_child(std::string_view text) {
  return events::parse_id<events::ChildId>(text);
}

std::optional<events::GroupId> parse_group(std::string_view text) {
  return events::parse_id<events::GroupId>(text);
}

PersonName read_name(JsonReader& reader) {
  PersonName name;
  name.given = reader.optional_text("given", kGivenLimits).value_or("");
  name.prefix = reader.optional_text("prefix", kPrefixLimits).value_or("");
  name.family = reader.text("family", kFamilyLimits);
  return name;
}

ContactCard read_contact(JsonReader& reader) {
  ContactCard contact;
  contact.email = reader.text("email", kEmailLimits);
  if (reader.has("phones") && !reader.is_null("phones")) {
    contact.phones = reader.texts("phones", kPhonesMax, kPhoneLimits);
  }
  return contact;
}

Response carry_out_plain(const Call& call, const events::CommandBody& order,
                         std::optional<events::Stream> read_from) {
  const auto build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return order;
  };
  return carry_out_built(call, build, read_from);
}

Response carry_out_built(const Call& call, decltype(Change::build) build,
                         std::optional<events::Stream> read_from) {
  Change change;
  change.read_from = read_from;
  change.build = std::move(build);
  change.answer = [](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [](JsonWriter&) {});
  };
  return carry_out(call, change);
}

void write_person(JsonWriter& json, const Call& call, const directory::AccountRow& account) {
  json.text("id", events::to_text(account.id))
      .text("name", person_name_of(call.open_text(account.name)).full());
}

void write_contact(JsonWriter& json, const Call& call, const directory::AccountRow& account) {
  const auto contact = contact_card_of(call.open_text(account.contact));
  json.text("email", contact.email).begin_array("phones");
  for (const auto& phone : contact.phones) json.text(phone);
  json.end_array();
}

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

bool may_see_child(const Call& call, const directory::ChildRow& child) {
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

schema::Schema name_body() {
  return schema::named(
      "PersonName",
      schema::body({schema::optional("given", schema::text(kGivenLimits, "Jolanda")),
                    schema::optional("prefix", schema::text(kPrefixLimits, "van der")),
                    schema::required("family", schema::text(kFamilyLimits, "Voorbeeld"))}));
}

std::vector<schema::Member> contact_body_members() {
  return {schema::required("email", schema::text(kEmailLimits, "jolanda@example.org")),
          schema::optional("phones",
                           schema::list(kPhonesMax, schema::text(kPhoneLimits, "06-12345678")))};
}

std::vector<schema::Member> person_members() {
  return {schema::required("id", schema::id<events::AccountId>()),
          schema::required("name", schema::words(kFullNameCharactersMax, "Jolanda Voorbeeld"))};
}

std::vector<schema::Member> contact_members() {
  return {schema::required("email", schema::words(kEmailLimits.max, "jolanda@example.org")),
          schema::required("phones", schema::list(kPhonesMax, schema::words(100, "06-12345678")))};
}

std::vector<schema::Member> link_members() {
  return {schema::required("relation", schema::one_of_table(kRelations)),
          schema::required("authority", schema::one_of_table(kAuthorities)),
          schema::required("household", schema::integer({.min = 0, .max = UINT8_MAX}, 1)),
          schema::required("contact_order", schema::integer({.min = 0, .max = UINT8_MAX}, 1)),
          schema::seldom("shielded", schema::boolean())};
}

Access administration() { return members({{Role::office}, {Role::director}, {Role::deputy}}); }

Access roster_readers() {
  return members({{Role::office},
                  {Role::care},
                  {Role::director},
                  {Role::deputy},
                  {Role::teacher, Reach::own_class},
                  {Role::guardian, Reach::own_child}});
}

}  // namespace klasboek::api
