// Accounts: opening them, roles, blocking and closing.
#include "api/admission.h"
#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using events::Role;

constexpr TextLimits kEmailLimits{.min = 3, .max = 254};
constexpr TextLimits kPhoneLimits{.min = 3, .max = 30};
constexpr TextLimits kReasonLimits{.min = 1, .max = 2'000, .lines = true};
constexpr ListLimits kPhonesMax{.min = 0, .max = 5};

/// Roles that are given by name; a guardian holds his by a child.
constexpr std::array<std::pair<std::string_view, Role>, 7> kGivenRoles = {
    {{"teacher", Role::teacher},
     {"office", Role::office},
     {"care", Role::care},
     {"deputy", Role::deputy},
     {"director", Role::director},
     {"board", Role::board},
     {"class_parent", Role::class_parent}}};

events::SubjectRef subject_of(events::AccountId account) {
  return {events::SubjectKind::account, account.value};
}

Response open_account(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  PersonName name;
  reader.object("name", [&](JsonReader& each) { name = read_name(each); });
  ContactCard contact;
  contact.email = reader.text("email", kEmailLimits);
  if (reader.has("phones")) contact.phones = reader.texts("phones", kPhonesMax, kPhoneLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto id = made_id<events::AccountId>(*command_id_of(call));
  Change change;
  change.canonical_body = call.request.body;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::OpenAccount order;
    order.account = id;
    const auto name_slot =
        sealer.seal(subject_of(id), events::RetentionClass::identity_attendance, to_text(name));
    const auto contact_slot =
        sealer.seal(subject_of(id), events::RetentionClass::identity_attendance, to_text(contact));
    if (!name_slot || !contact_slot) return std::unexpected(vault::VaultFault::busy);
    order.name = *name_slot;
    order.contact = *contact_slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(
        events, [&](JsonWriter& json) { json.text("id", events::to_text(id)); },
        "/v1/schools/" + events::to_text(call.school) + "/accounts/" + events::to_text(id));
  };
  return carry_out(call, change);
}

Response give_role(Call& call) {
  const auto account = call.path_id<events::AccountId>("account");
  if (!account) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::GiveRole order;
  order.account = *account;
  order.role = reader.one_of<Role>("role", kGivenRoles);
  const auto first_day = reader.optional_day("first_day");
  const auto last_day = reader.optional_day("last_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  order.first_day = first_day.value_or(call.today);
  order.last_day = last_day.value_or(events::Day{});
  order.open_ended = !last_day;
  return carry_out_plain(call, order);
}

/// Blocks or unblocks with the reason, which the log must hold.
template <class Order>
Response with_reason(Call& call) {
  const auto account = call.path_id<events::AccountId>("account");
  if (!account) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto reason = reader.text("reason", kReasonLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.canonical_body = call.request.path + call.request.body;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    Order order;
    order.account = *account;
    const auto slot =
        sealer.seal(subject_of(*account), events::RetentionClass::identity_attendance, reason);
    if (!slot) return std::unexpected(slot.error());
    order.reason = *slot;
    return order;
  };
  change.answer = [](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [](JsonWriter&) {});
  };
  return carry_out(call, change);
}

Response see_accounts(Call& call) {
  const auto rows = directory::accounts(*call.views, call.school);
  return whole_list(call, rows.size(), [&](JsonWriter& json) {
    for (const auto& row : rows) {
      json.begin_object()
          .text("id", events::to_text(row.id))
          .text("name", person_name_of(call.open_text(row.name)).full())
          .boolean("invited", row.invited)
          .boolean("admitted", row.admitted)
          .boolean("active", row.is_active(call.today, call.now_us));
      json.begin_array("roles");
      for (const auto role : roles_of(call, row)) json.text(name_of(role));
      json.end_array().end_object();
    }
  });
}

constexpr std::string_view kReasonShape =
    R"({"type":"object","required":["reason"],"additionalProperties":false,"properties":{"reason":{"type":"string","minLength":1,"maxLength":2000}}})";

}  // namespace

std::vector<Route> account_routes() {
  return {
      {Method::post,
       "/v1/schools/{school}/accounts",
       "open_account",
       "Open an account for somebody whom the school knows",
       members({{Role::office}, {Role::director}, {Role::deputy}}),
       open_account,
       {R"({"type":"object","required":["name","email"],"additionalProperties":false,"properties":{"name":{"type":"object"},"email":{"type":"string"},"phones":{"type":"array","items":{"type":"string"}}}})",
        kMadeShape}},
      {Method::get,
       "/v1/schools/{school}/accounts",
       "see_accounts",
       "Everybody with an account",
       members({{Role::office}, {Role::director}, {Role::deputy}}),
       see_accounts,
       {"", R"({"type":"object"})"}},
      {Method::post,
       "/v1/schools/{school}/accounts/{account}/roles",
       "give_role",
       "Give somebody a role from a day",
       members({{Role::director}}),
       give_role,
       {R"({"type":"object","required":["role"],"additionalProperties":false,"properties":{"role":{"type":"string"},"first_day":{"type":"string","format":"date"},"last_day":{"type":"string","format":"date"}}})",
        kPositionShape}},
      {Method::post,
       "/v1/schools/{school}/accounts/{account}/block",
       "block_account",
       "Block an account, with a reason",
       members({{Role::director}, {Role::deputy}}),
       with_reason<events::BlockAccount>,
       {kReasonShape, kPositionShape}},
      {Method::post,
       "/v1/schools/{school}/accounts/{account}/unblock",
       "unblock_account",
       "End a block, with a reason",
       members({{Role::director}, {Role::deputy}}),
       with_reason<events::UnblockAccount>,
       {kReasonShape, kPositionShape}},
  };
}

}  // namespace klasboek::api
