// Accounts: opening and correcting them, roles, blocking and closing, and what one chooses oneself.
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

constexpr TextLimits kReasonLimits{.min = 1, .max = 2'000, .lines = true};

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
  const auto contact = read_contact(reader);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto id = made_id<events::AccountId>(*command_id_of(call));
  Change change;
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

/// The contact card is replaced as a whole. The log-in keeps the address it was made with.
Response correct_account(Call& call) {
  const auto id = call.path_id<events::AccountId>("account");
  if (!id) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  std::optional<PersonName> name;
  std::optional<ContactCard> contact;
  reader.optional_object("name", [&](JsonReader& each) { name = read_name(each); });
  reader.optional_object("contact", [&](JsonReader& each) { contact = read_contact(each); });
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::account_stream(*id);
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::CorrectAccount order;
    order.account = *id;
    const auto seal = [&](const std::optional<std::string>& text) {
      return sealer.seal_optional(subject_of(*id), events::RetentionClass::identity_attendance,
                                  text);
    };
    const auto name_slot = seal(name ? std::optional(to_text(*name)) : std::nullopt);
    const auto contact_slot = seal(contact ? std::optional(to_text(*contact)) : std::nullopt);
    if (!name_slot || !contact_slot) return std::unexpected(vault::VaultFault::busy);
    order.name = *name_slot;
    order.contact = *contact_slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(*id)); });
  };
  return carry_out(call, change);
}

Response close_account(Call& call) {
  const auto account = call.path_id<events::AccountId>("account");
  if (!account) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto last_day = reader.optional_day("last_day");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  events::CloseAccount order;
  order.account = *account;
  order.last_day = last_day.value_or(call.today);
  return carry_out_plain(call, order, events::account_stream(*account));
}

Response choose_channels(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::ChooseChannels order;
  order.account = call.caller.account;
  order.mail = reader.boolean("mail");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return carry_out_plain(call, order);
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
  read_term(reader, call.today, order);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return carry_out_plain(call, order, events::account_stream(*account));
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
  Order order;
  order.account = *account;
  return carry_out_with_text(call, order, &Order::reason, subject_of(*account), reason,
                             events::account_stream(*account));
}

void write_account(JsonWriter& json, const Call& call, const directory::AccountRow& row) {
  write_person(json, call, row);
  json.boolean("invited", row.invited)
      .boolean("admitted", row.admitted)
      .boolean("active", row.is_active(call.today, call.now_us));
  json.begin_array("roles");
  for (const auto role : roles_of(call, row)) json.text(name_of(role));
  json.end_array();
}

Response see_accounts(Call& call) {
  const auto rows = directory::accounts(*call.views, call.school);
  return whole_list(call, rows.size(), [&](JsonWriter& json) {
    for (const auto& row : rows) {
      json.begin_object();
      write_account(json, call, row);
      json.end_object();
    }
  });
}

Response see_account(Call& call) {
  const auto id = call.path_id<events::AccountId>("account");
  const auto row = id ? directory::account(*call.views, call.school, *id) : std::nullopt;
  if (!row) return call.problem(not_found());
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_account(json, call, *row);
  write_contact(json, call, *row);
  json.boolean("blocked", row->blocked);
  if (row->closed_after) json.day("last_day", *row->closed_after);
  json.begin_array("role_terms");
  for (const auto& given : row->roles) {
    json.begin_object().text("role", name_of(given.role)).day("first_day", given.term.first_day);
    if (given.term.last_day) json.day("last_day", *given.term.last_day);
    json.end_object();
  }
  json.end_array().begin_array("children");
  for (const auto child : row->children) json.text(events::to_text(child));
  json.end_array();
  if (row->id != call.caller.account && !row->shielded_children.empty()) {
    json.begin_array("shielded_children");
    for (const auto child : row->shielded_children) json.text(events::to_text(child));
    json.end_array();
  }
  json.begin_array("groups");
  for (const auto group : row->groups) json.text(events::to_text(group));
  json.end_array().end_object();
  return tagged(call, row->version, std::move(text));
}

constexpr ListLimits kLinksMax{.min = 0, .max = 1'000};

schema::Schema account_body() {
  std::vector<schema::Member> members = contact_body_members();
  members.insert(members.begin(), required("name", name_body()));
  return schema::named("NewAccount", schema::body(members));
}

schema::Schema correction_body() {
  return schema::named(
      "AccountCorrection",
      schema::body({optional("name", name_body()),
                    optional("contact",
                             schema::named("ContactCard", schema::body(contact_body_members())))}));
}

schema::Schema role_body() {
  return schema::named("NewRole", schema::body({required("role", schema::one_of_table(kGivenRoles)),
                                                optional("first_day", schema::day()),
                                                optional("last_day", schema::day())}));
}

schema::Schema reason_body() {
  return schema::named(
      "Reason",
      schema::body({required("reason", schema::text(kReasonLimits, "Telefoon verloren."))}));
}

std::vector<schema::Member> listed_members() {
  auto members = person_members();
  for (const auto name : {"invited", "admitted", "active"}) {
    members.push_back(required(name, schema::boolean()));
  }
  members.push_back(required("roles", role_names()));
  return members;
}

schema::Schema account_shape() {
  const auto term =
      schema::object({required("role", role_name()), required("first_day", schema::day()),
                      optional("last_day", schema::day())});
  auto members = listed_members();
  for (auto& member : contact_members()) members.push_back(std::move(member));
  members.push_back(required("blocked", schema::boolean(false)));
  members.push_back(schema::seldom("last_day", schema::day()));
  members.push_back(
      required("role_terms", schema::list(kLinksMax, schema::named("RoleTerm", term))));
  members.push_back(required("children", schema::list(kLinksMax, schema::id<events::ChildId>())));
  members.push_back(
      schema::seldom("shielded_children", schema::list(kLinksMax, schema::id<events::ChildId>())));
  members.push_back(required("groups", schema::list(kLinksMax, schema::id<events::GroupId>())));
  return schema::named("Account", schema::object(members));
}

}  // namespace

std::vector<Route> account_routes() {
  return {
      {Method::post, "/v1/schools/{school}/accounts", "open_account",
       "Open an account for somebody whom the school knows", administration(), open_account,
       makes(position_and_id<events::AccountId>())
           .takes(account_body())
           .refuses({Rejection::name_empty, Rejection::account_exists})},
      {Method::get, "/v1/schools/{school}/accounts", "see_accounts", "Everybody with an account",
       administration(), see_accounts,
       gives(page_of(schema::named("AccountListed", schema::object(listed_members()))))
           .versioned()},
      {Method::get, "/v1/schools/{school}/accounts/{account}", "see_account",
       "One account: the office's view, or one's own",
       members({{Role::office},
                {Role::director},
                {Role::deputy},
                {Role::care, Reach::own_account},
                {Role::teacher, Reach::own_account},
                {Role::guardian, Reach::own_account}}),
       see_account, gives(account_shape()).versioned()},
      {Method::patch, "/v1/schools/{school}/accounts/{account}", "correct_account",
       "Correct somebody's name, or how he is reached", administration(), correct_account,
       gives(position_and_id<events::AccountId>())
           .takes(correction_body())
           .versioned()
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::nothing_to_change})},
      {Method::post, "/v1/schools/{school}/accounts/{account}/close", "close_account",
       "End an account after a day, today where none is named",
       members({{Role::director}, {Role::deputy}}), close_account,
       changes()
           .takes(schema::named("AccountEnd", schema::body({optional("last_day", schema::day())})))
           .versioned()
           .refuses(
               {Rejection::account_not_found, Rejection::account_closed, Rejection::term_invalid})},
      {Method::put, "/v1/schools/{school}/me/channels", "choose_channels",
       "Whether I am told by mail too, beside the page",
       members({{Role::guardian},
                {Role::teacher},
                {Role::care},
                {Role::office},
                {Role::director},
                {Role::deputy}}),
       choose_channels,
       changes()
           .takes(schema::named("Channels", schema::body({required("mail", schema::boolean())})))
           .refuses({Rejection::not_own_account})},
      {Method::post, "/v1/schools/{school}/accounts/{account}/roles", "give_role",
       "Give somebody a role from a day", members({{Role::director}}), give_role,
       changes()
           .takes(role_body())
           .versioned()
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::role_already_given, Rejection::role_invalid,
                     Rejection::term_invalid})},
      {Method::post, "/v1/schools/{school}/accounts/{account}/block", "block_account",
       "Block an account, with a reason", members({{Role::director}, {Role::deputy}}),
       with_reason<events::BlockAccount>,
       changes()
           .takes(reason_body())
           .versioned()
           .refuses({Rejection::account_not_found, Rejection::account_blocked,
                     Rejection::account_closed, Rejection::reason_missing})},
      {Method::post, "/v1/schools/{school}/accounts/{account}/unblock", "unblock_account",
       "End a block, with a reason", members({{Role::director}, {Role::deputy}}),
       with_reason<events::UnblockAccount>,
       changes()
           .takes(reason_body())
           .versioned()
           .refuses({Rejection::account_not_found, Rejection::account_not_blocked,
                     Rejection::account_closed, Rejection::reason_missing})},
  };
}

}  // namespace klasboek::api
