// Mandates: what a deputy may do in the director's name, and the end of any role.
#include <algorithm>

#include "api/admission.h"
#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using aggregates::Rejection;
using events::MandatePower;
using events::Role;
using schema::optional;
using schema::required;

constexpr std::array<std::pair<std::string_view, MandatePower>, 7> kPowers = {
    {{"settings", MandatePower::settings},
     {"roster", MandatePower::roster},
     {"accounts", MandatePower::accounts},
     {"posts", MandatePower::posts},
     {"consent", MandatePower::consent},
     {"absence", MandatePower::absence},
     {"leave", MandatePower::leave}}};
constexpr ListLimits kPowerLimits{.min = 1, .max = kPowers.size()};

/// As they stand in paths.
constexpr std::array<std::pair<std::string_view, Role>, 8> kEndableRoles = {
    {{"teacher", Role::teacher},
     {"office", Role::office},
     {"care", Role::care},
     {"deputy", Role::deputy},
     {"director", Role::director},
     {"board", Role::board},
     {"class_parent", Role::class_parent},
     {"reporter", Role::reporter}}};

Response give_mandate(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::GiveMandate order;
  const auto account = reader.parsed("account", parse_account, "the id of an account");
  reader.list("powers", kPowerLimits, [&](JsonItem& item) {
    if (const auto power = item.one_of<MandatePower>(kPowers)) order.powers.push_back(*power);
  });
  read_term(reader, call.today, order);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  order.account = account.value_or(events::AccountId{});
  return carry_out_plain(call, order);
}

/// The last day on which it holds: ?last_day=, else yesterday, so that it is over at once.
std::expected<events::Day, Problem> last_day_of(const Call& call) {
  const auto text = call.request.query.find("last_day");
  if (!text) return call.today.plus(-1);
  const auto day = events::parse_day(*text);
  if (!day) return std::unexpected(invalid_parameter("last_day", "It is a day: YYYY-MM-DD."));
  return *day;
}

Response end(Call& call, Role role) {
  const auto account = call.path_id<events::AccountId>("account");
  if (!account) return call.problem(not_found());
  const auto last_day = last_day_of(call);
  if (!last_day) return call.problem(last_day.error());
  events::EndRole order;
  order.account = *account;
  order.role = role;
  order.last_day = *last_day;
  return carry_out_plain(call, order, events::account_stream(*account));
}

Response end_mandate(Call& call) { return end(call, Role::deputy); }

Response end_role(Call& call) {
  for (const auto& [name, role] : kEndableRoles) {
    if (call.path["role"] == name) return end(call, role);
  }
  return call.problem(not_found());
}

void write_mandate(JsonWriter& json, const Call& call, const directory::AccountRow& account,
                   const directory::RoleTerm& given) {
  json.begin_object();
  write_person(json, call, account);
  json.begin_array("powers");
  for (const auto& [name, power] : kPowers) {
    const bool covers =
        !given.powers || std::ranges::find(*given.powers, power) != given.powers->end();
    if (covers) json.text(name);
  }
  json.end_array().day("first_day", given.term.first_day);
  if (given.term.last_day) json.day("last_day", *given.term.last_day);
  json.end_object();
}

Response see_mandates(Call& call) {
  const auto accounts = directory::accounts(*call.views, call.school);
  return whole_list(call, accounts.size(), [&](JsonWriter& json) {
    for (const auto& account : accounts) {
      for (const auto& given : account.roles) {
        if (given.role == Role::deputy) write_mandate(json, call, account, given);
      }
    }
  });
}

schema::Schema powers() { return schema::list(kPowerLimits, schema::one_of_table(kPowers)); }

schema::Schema mandate_body() {
  return schema::named(
      "MandateGift",
      schema::body({required("account", schema::id<events::AccountId>()),
                    required("powers", powers()), optional("first_day", schema::day()),
                    optional("last_day", schema::day())}));
}

schema::Schema mandate_shape() {
  auto members = person_members();
  members.push_back(required("powers", powers()));
  members.push_back(required("first_day", schema::day()));
  members.push_back(optional("last_day", schema::day()));
  return schema::named("Mandate", schema::object(members));
}

Shape end_shape() {
  return changes()
      .asks({{"last_day", schema::day(),
              "The last day on which it holds; it is over at once where it isn't given"}})
      .versioned()
      .refuses({Rejection::account_not_found, Rejection::role_not_given});
}

}  // namespace

std::vector<Route> mandate_routes() {
  return {
      {Method::post, "/v1/schools/{school}/mandates", "give_mandate",
       "Let somebody act in the director's name, in some powers and from a day",
       members({{Role::director}}), give_mandate,
       changes()
           .takes(mandate_body())
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::role_already_given, Rejection::mandate_without_powers,
                     Rejection::term_invalid})},
      {Method::get, "/v1/schools/{school}/mandates", "see_mandates",
       "Who acts or acted in the director's name, in what and when",
       members({{Role::director}, {Role::deputy}}), see_mandates,
       gives(page_of(mandate_shape())).versioned()},
      {Method::delete_, "/v1/schools/{school}/mandates/{account}", "end_mandate",
       "End a mandate at once, or with ?last_day=", members({{Role::director}}), end_mandate,
       end_shape()},
      {Method::delete_, "/v1/schools/{school}/accounts/{account}/roles/{role}", "end_role",
       "End somebody's role at once, or with ?last_day=", members({{Role::director}}), end_role,
       end_shape()},
  };
}

}  // namespace klasboek::api
