// Finding a child or guardian by a part of the name. Nothing is kept for it: names are unsealed
// when they are asked for (R19), so that what was erased a moment ago isn't found, and no index of
// names is anywhere.
#include <algorithm>
#include <map>
#include <set>

#include "api/dutch_order.h"
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using events::Role;

constexpr std::size_t kQueryBytesMax = 200;
constexpr std::size_t kFoundMax = 50;
/// Of one guardian, as the description has it.
constexpr std::size_t kChildrenMax = 1000;

/// One who was found, and the children by whom.
struct Match {
  /// Who begins with what was typed comes first.
  bool elsewhere = false;
  NameOrder order;
  std::string id;
  std::string_view kind;
  std::string name;
  std::vector<const directory::ChildRow*> children;
};

class Search {
 public:
  Search(const Call& call, std::string query) : call_(call), query_(std::move(query)) {}

  std::vector<Match> all() {
    children_ = directory::children(*call_.views, call_.school);
    std::erase_if(children_, [&](const directory::ChildRow& child) {
      return !child.enrolment.holds_on(call_.today) || !may_see_child(call_, child);
    });
    std::map<events::AccountId, std::vector<const directory::ChildRow*>> guardians;
    for (const auto& child : children_) {
      look_at("child", events::to_text(child.id), child.name, {&child});
      for (const auto& link : child.guardians) guardians[link.guardian].push_back(&child);
    }
    for (const auto& account : directory::accounts(*call_.views, call_.school)) {
      const auto found = guardians.find(account.id);
      if (found == guardians.end()) continue;
      look_at("guardian", events::to_text(account.id), account.name, std::move(found->second));
    }
    std::ranges::sort(matches_, {}, [](const Match& match) {
      return std::tie(match.elsewhere, match.order, match.id);
    });
    return std::move(matches_);
  }

 private:
  void look_at(std::string_view kind, std::string id,
               const std::optional<projections::SealedText>& text,
               std::vector<const directory::ChildRow*> children) {
    const auto name = person_name_of(call_.open_text(text));
    if (!is_part_of(query_, name)) return;
    auto order = order_of(name);
    const bool begins =
        std::get<0>(order).starts_with(query_) || std::get<1>(order).starts_with(query_);
    matches_.push_back(
        {!begins, std::move(order), std::move(id), kind, name.full(), std::move(children)});
  }

  const Call& call_;
  const std::string query_;
  std::vector<directory::ChildRow> children_;
  std::vector<Match> matches_;
};

/// From the guardian who was found; of a child that was found, from any.
bool is_shielded(const directory::ChildRow& child, const Match& match) {
  return std::ranges::any_of(child.guardians, [&](const directory::GuardianLink& link) {
    return link.shielded && (match.kind == "child" || events::to_text(link.guardian) == match.id);
  });
}

void write_children(JsonWriter& json, const Call& call, const Match& match) {
  json.begin_array("children");
  for (const auto* child : match.children) {
    json.begin_object()
        .text("id", events::to_text(child->id))
        .text("name", person_name_of(call.open_text(child->name)).full());
    if (const auto group = child->class_on(call.today)) {
      json.text("group", events::to_text(*group));
    }
    if (is_shielded(*child, match)) json.boolean("shielded", true);
    json.end_object();
  }
  json.end_array();
}

Response search_roster(Call& call) {
  const auto text = call.request.query.find("q");
  auto query = folded(text && text->size() <= kQueryBytesMax ? *text : "");
  if (query.empty()) {
    return call.problem(invalid_parameter("q", "It is a part of a name, of one letter or more."));
  }
  Search search(call, std::move(query));
  const auto matches = search.all();
  std::string body;
  JsonWriter json(body);
  json.begin_object().begin_array("items");
  for (std::size_t i = 0; i < std::min(matches.size(), kFoundMax); ++i) {
    const auto& match = matches[i];
    json.begin_object().text("kind", match.kind).text("id", match.id).text("name", match.name);
    write_children(json, call, match);
    json.end_object();
  }
  json.end_array().integer("found", static_cast<std::int64_t>(matches.size())).end_object();
  return tagged(call, 0, std::move(body));
}

schema::Schema match_shape() {
  using schema::required, schema::optional;
  const auto child =
      schema::object({required("id", schema::id<events::ChildId>()),
                      required("name", schema::words(kFullNameCharactersMax, "Saar Voorbeeld")),
                      optional("group", schema::id<events::GroupId>()),
                      schema::seldom("shielded", schema::boolean())});
  return schema::named(
      "Match",
      schema::object({required("kind", schema::one_of({"child", "guardian"})),
                      required("id", schema::visible_ascii(60, "child_01h455vb4pex5vsknk084sn02q")),
                      required("name", schema::words(kFullNameCharactersMax, "Saar Voorbeeld")),
                      required("children", schema::list({.min = 0, .max = kChildrenMax}, child))}));
}

}  // namespace

std::vector<Route> roster_search_routes() {
  using schema::required;
  return {
      {Method::get, "/v1/schools/{school}/roster-search", "search_roster",
       "Children and guardians by a part of the name, the first 50 as the Dutch sort them",
       members({{Role::office},
                {Role::care},
                {Role::director},
                {Role::deputy},
                {Role::teacher, Reach::own_class}}),
       search_roster,
       gives(schema::object(
                 {required("found", schema::count()),
                  required("items", schema::list({.min = 0, .max = kFoundMax}, match_shape()))}))
           .asks({{"q", schema::text({.min = 1, .max = kQueryBytesMax}, "saar"),
                   "A part of a name, of one letter or more.", true}})
           .versioned()},
  };
}

}  // namespace klasboek::api
