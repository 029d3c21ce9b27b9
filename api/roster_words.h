#pragma once
// What the handlers of roster and accounts share: people in bodies and answers, who sees whom, and
// changes of few words.
#include <optional>
#include <string_view>

#include "api/access.h"
#include "api/call.h"
#include "api/person_text.h"
#include "api/shape.h"

namespace klasboek::api {

std::optional<events::AccountId> parse_account(std::string_view text);
std::optional<events::ChildId> parse_child(std::string_view text);
std::optional<events::GroupId> parse_group(std::string_view text);

/// `{"given":…,"prefix":…,"family":…}`; only the family name must be there.
PersonName read_name(JsonReader& reader);

/// The members `email` and `phones` of a body.
ContactCard read_contact(JsonReader& reader);

/// The members `first_day` and `last_day` of a body, into an order that may have no end: from today
/// on where no first day is named, open-ended where no last one is.
template <class Order>
void read_term(JsonReader& reader, events::Day today, Order& order) {
  order.first_day = reader.optional_day("first_day").value_or(today);
  const auto last_day = reader.optional_day("last_day");
  order.last_day = last_day.value_or(events::Day{});
  order.open_ended = !last_day;
}

/// Carries out a command and answers with its position. read_from: as in Change.
Response carry_out_built(const Call& call, decltype(Change::build) build,
                         std::optional<events::Stream> read_from);

/// The same of a command without texts.
Response carry_out_plain(const Call& call, const events::CommandBody& order,
                         std::optional<events::Stream> read_from = std::nullopt);

/// The same of a command with one text, which is sealed for the subject among what identifies it.
/// slot: where in the command the text's number goes.
template <class Order>
Response carry_out_with_text(const Call& call, Order order, std::uint16_t Order::* slot,
                             const events::SubjectRef& subject, const std::string& text,
                             std::optional<events::Stream> read_from = std::nullopt) {
  const auto build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    const auto sealed = sealer.seal(subject, events::RetentionClass::identity_attendance, text);
    if (!sealed) return std::unexpected(sealed.error());
    order.*slot = *sealed;
    return order;
  };
  return carry_out_built(call, build, read_from);
}

/// The members `id` and `name` of an account.
void write_person(JsonWriter& json, const Call& call,
                  const projections::directory::AccountRow& account);
/// The members `email` and `phones`; for the school alone, and for the person himself.
void write_contact(JsonWriter& json, const Call& call,
                   const projections::directory::AccountRow& account);

/// Whether a guardian's or teacher's own children and classes have to do with the group; who works
/// for the whole school sees every group.
bool may_see_group(const Call& call, const projections::directory::GroupRow& group);
/// The same for a child.
bool may_see_child(const Call& call, const projections::directory::ChildRow& child);

/// Who keeps the roster.
Access administration();
/// Who reads it, each within his reach.
Access roster_readers();

/// What read_name() reads.
schema::Schema name_body();
/// What read_contact() reads.
std::vector<schema::Member> contact_body_members();
/// What write_person() writes.
std::vector<schema::Member> person_members();
/// What write_contact() writes.
std::vector<schema::Member> contact_members();
/// A guardian's link with a child, but for whom it links.
std::vector<schema::Member> link_members();

}  // namespace klasboek::api
