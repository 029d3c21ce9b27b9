#include "api/roster_words.h"

namespace klasboek::api {

namespace {

constexpr TextLimits kGivenLimits{.min = 0, .max = 100};
constexpr TextLimits kPrefixLimits{.min = 0, .max = 20};
constexpr TextLimits kFamilyLimits{.min = 1, .max = 100};

}  // namespace

std::optional<events::AccountId> parse_account(std::string_view text) {
  return events::parse_id<events::AccountId>(text);
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

Response carry_out_plain(const Call& call, const events::CommandBody& order) {
  Change change;
  change.canonical_body =
      std::string(method_name(call.request.method)) + call.request.path + call.request.body;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return order;
  };
  change.answer = [](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [](JsonWriter&) {});
  };
  return carry_out(call, change);
}

}  // namespace klasboek::api
