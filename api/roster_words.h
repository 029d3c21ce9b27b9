#pragma once
// What the handlers of roster and accounts share: people in bodies and answers, who sees whom, and
// changes without text.
#include <optional>
#include <string_view>

#include "api/access.h"
#include "api/call.h"
#include "api/person_text.h"
#include "api/shape.h"

namespace klasboek::api {

std::optional<events::AccountId> parse_account(std::string_view text);
std::optional<events::GroupId> parse_group(std::string_view text);

/// `{"given":…,"prefix":…,"family":…}`; only the family name must be there.
PersonName read_name(JsonReader& reader);

/// The members `email` and `phones` of a body.
ContactCard read_contact(JsonReader& reader);

/// Carries out a command without texts and answers with its position. read_from: as in Change.
Response carry_out_plain(const Call& call, const events::CommandBody& order,
                         std::optional<events::Stream> read_from = std::nullopt);

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
