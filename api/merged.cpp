#include "api/merged.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "api/admission.h"
#include "api/page.h"

namespace klasboek::api {

namespace {

/// As the description has it: nobody is a member of more.
constexpr std::size_t kSchoolsMax = 1000;

struct Gathered {
  MergedPlace place;
  std::string json;
};

/// `<at_us> <sequence> <school>`.
std::optional<MergedPlace> parse_place(const std::string& payload) {
  MergedPlace place;
  const char* end = payload.data() + payload.size();
  const auto first = std::from_chars(payload.data(), end, place.at_us);
  if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, place.sequence);
  if (second.ec != std::errc{} || second.ptr == end) return std::nullopt;
  const auto school = events::parse_id<events::SchoolId>(std::string_view(second.ptr + 1, end));
  if (!school) return std::nullopt;
  place.school = *school;
  return place;
}

std::string to_text(const MergedPlace& place) {
  return std::to_string(place.at_us) + " " + std::to_string(place.sequence) + " " +
         events::to_text(place.school);
}

}  // namespace

bool MergedPlace::precedes(const MergedPlace& other) const {
  if (at_us != other.at_us) return at_us > other.at_us;
  if (school != other.school) return school < other.school;
  return sequence > other.sequence;
}

PlaceInSchool place_in(events::SchoolId school, const MergedPlace& after) {
  if (school == after.school) return {after.at_us, after.sequence};
  // Of the same moment, schools before that one have given all they have, schools after it nothing.
  if (school < after.school) return {after.at_us, 0};
  return {after.at_us, std::numeric_limits<std::uint64_t>::max()};
}

Response merged_page(Call& call, std::string_view scope,
                     const std::function<SchoolItems(Call&, const std::optional<PlaceInSchool>&,
                                                     std::size_t limit)>& gather) {
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  const auto whose = std::string(scope) + "/" + events::to_text(call.caller.session.identity);
  std::optional<MergedPlace> after;
  if (const auto text = call.request.query.find("cursor")) {
    const auto payload = call.cursors.open(whose, *text);
    if (!payload) return call.problem(payload.error());
    after = parse_place(*payload);
  }
  const auto memberships = call.node.vault.logins().memberships_of(call.caller.session.identity);
  if (!memberships) return call.problem(unavailable("Log-ins can't be read just now.", 2));
  std::vector<Gathered> all;
  std::vector<events::SchoolId> unreachable;
  std::vector<events::SchoolId> without_code;
  bool has_more = false;
  for (const auto& membership : *memberships) {
    try {
      if (!enter_membership(call, membership)) continue;
      if (lacks_code(call, call.caller.row)) {
        without_code.push_back(membership.school);
        continue;
      }
      const auto place = after ? std::optional(place_in(membership.school, *after)) : std::nullopt;
      auto some = gather(call, place, *limit);
      has_more = has_more || some.has_more;
      for (auto& item : some.items) {
        all.push_back(
            {{item.place.at_us, membership.school, item.place.sequence}, std::move(item.json)});
      }
    } catch (const log::LedgerDamaged&) {
      unreachable.push_back(membership.school);
    } catch (const projections::RowDamaged&) {
      unreachable.push_back(membership.school);
    }
  }
  std::ranges::sort(all, [](const auto& a, const auto& b) { return a.place.precedes(b.place); });
  if (all.size() > *limit) {
    all.resize(*limit);
    has_more = true;
  }
  Page answer{.scope = whose,
              .items =
                  [&](JsonWriter& json) {
                    for (const auto& item : all) json.raw(item.json);
                  },
              .others =
                  [&](JsonWriter& json) {
                    json.begin_array("unreachable");
                    for (const auto school : unreachable) json.text(events::to_text(school));
                    json.end_array().begin_array("code_required");
                    for (const auto school : without_code) json.text(events::to_text(school));
                    json.end_array();
                  }};
  if (has_more && !all.empty()) answer.next = to_text(all.back().place);
  return page_answer(call, answer);
}

schema::Schema merged_of(const schema::Schema& item) {
  const auto schools = schema::list({.min = 0, .max = kSchoolsMax}, schema::id<events::SchoolId>());
  return page_of(
      item, {schema::required("unreachable", schools), schema::required("code_required", schools)});
}

}  // namespace klasboek::api
