#pragma once
// What the handlers of roster and accounts share: ids and names in bodies, and changes without
// text.
#include <optional>
#include <string_view>

#include "api/call.h"
#include "api/person_text.h"

namespace klasboek::api {

std::optional<events::AccountId> parse_account(std::string_view text);
std::optional<events::GroupId> parse_group(std::string_view text);

/// `{"given":…,"prefix":…,"family":…}`; only the family name must be there.
PersonName read_name(JsonReader& reader);

/// Carries out a command without texts and answers with its position.
Response carry_out_plain(const Call& call, const events::CommandBody& order);

inline constexpr std::string_view kMadeShape =
    R"({"type":"object","required":["id"],"properties":{"position":{"type":"integer"},"id":{"type":"string"}}})";
inline constexpr std::string_view kPositionShape =
    R"({"type":"object","properties":{"position":{"type":"integer"}}})";

}  // namespace klasboek::api
