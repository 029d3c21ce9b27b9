// Every route of the table with everything hostile in path, query and body. It is made from the
// table and the shapes in it, so that a new route is swept by itself.
#include <catch2/catch.hpp>
#include <map>

#include "api/route.h"
#include "tests/support/refusal.h"

namespace klasboek::tests {
namespace {

using api::Route;
using events::Role;

/// Who acts by a role.
const std::map<Role, std::string> kCast = {
    {Role::director, "director"}, {Role::deputy, "director"}, {Role::office, "office"},
    {Role::care, "director"},     {Role::teacher, "teacher"}, {Role::guardian, "mother"}};

std::string caller_of(const Route& route) {
  if (route.access.kind() != api::Access::Kind::members) return "mother";
  for (const auto& grant : route.access.grants()) {
    if (const auto found = kCast.find(grant.role); found != kCast.end()) return found->second;
  }
  return "director";
}

class Sweep {
 public:
  Sweep() {
    // Whoever is blocked, closed or unlinked by what goes through isn't one of those who ask.
    school.admit("visitor");
    const std::string child = school.id("child");
    values_ = {{"school", school.id("school")},
               {"group", school.id("class")},
               {"child", child},
               {"guardian", school.id("stepfather")},
               {"account", school.id("visitor")},
               {"purpose", school.id("purpose")},
               {"role", "care"}};
    const auto made = [&](const std::string& who, const std::string& path, const json& body) {
      return ApiSchool::done(school.post(who, path, body));
    };
    values_["post"] =
        made("teacher", "/posts",
             {{"groups", {school.id("class")}}, {"title", "Zwemmen"}, {"text", "Morgen"}})["id"];
    const auto forgotten =
        made("teacher", "/posts",
             {{"groups", {school.id("class")}}, {"title", "Gym"}, {"text", "Morgen"}})["id"];
    values_["erasure"] =
        made("director", "/erasures", {{"subject", forgotten}, {"ground", "request"}})["id"];
    values_["leave"] = made("mother", "/leaves",
                            {{"children", {child}},
                             {"ground", "other_circumstances"},
                             {"first_day", "2026-11-02"},
                             {"last_day", "2026-11-03"},
                             {"motivation", "Een bruiloft"}})["items"][0]["id"];
    values_["absence"] = made("mother", "/absences",
                              {{"children", {child}},
                               {"reason", "ill"},
                               {"first_day", "2026-10-06"},
                               {"last_day", "2026-10-07"}})["items"][0]["id"];
    const auto newcomer = made("office", "/accounts",
                               {{"name", {{"family", "Nieuw"}}}, {"email", "nieuw@example.org"}});
    const auto invited = made("office", "/invitations", {{"account", newcomer["id"]}});
    values_["code"] = invited["code"];
    values_["invitation"] = invited["id"];
    auto& sessions = school.installation().vault().sessions();
    const auto session = sessions.read(school.token_of("mother"), school.now_us());
    REQUIRE(session.has_value());
    REQUIRE(sessions.remember(*session, "Laptop").has_value());
    values_["session"] = events::to_text(session->id);
  }

  void send(const Route& route, const std::string& target, const std::string& who,
            const std::string& body) {
    CAPTURE(route.name, target.substr(0, 200), who, body.substr(0, 200));
    check_refusal(school.send(std::string(method_name(route.method)), target, who, body));
    ++sent;
  }

  /// The path with its parameters; `odd` stands in place of the named one.
  std::string path_of(const Route& route, std::string_view odd_name = "",
                      const std::string& odd = "") const {
    std::string path;
    std::string_view rest = route.path;
    for (auto at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
      const auto end = rest.find('}');
      const auto name = rest.substr(at + 1, end - at - 1);
      path += rest.substr(0, at);
      path += name == odd_name ? odd : value_of(std::string(name));
      rest.remove_prefix(end + 1);
    }
    return path + std::string(rest);
  }

  static std::vector<std::string> parameters_of(const Route& route) {
    std::vector<std::string> names;
    std::string_view rest = route.path;
    for (auto at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
      const auto end = rest.find('}');
      names.emplace_back(rest.substr(at + 1, end - at - 1));
      rest.remove_prefix(end + 1);
    }
    return names;
  }

  /// A body that could be meant, by the shape of the route.
  json likely_body(const Route& route) const {
    auto body = json::parse(route.shape.body()->example());
    for (auto& [name, value] : body.items()) value = likely(name, std::move(value));
    return body;
  }

  /// Every member that a body of the route may have, also those that its example leaves out.
  static std::vector<std::string> members_of(const Route& route) {
    const auto& body = *route.shape.body();
    auto shape = json::parse(body.json());
    if (shape.contains("$ref")) {
      const auto reference = shape["$ref"].get<std::string>();
      shape = json::parse(body.named().at(reference.substr(reference.rfind('/') + 1)));
    }
    std::vector<std::string> names;
    for (const auto& [name, each] : shape["properties"].items()) names.push_back(name);
    return names;
  }

  ApiSchool school;
  std::size_t sent = 0;

 private:
  std::string value_of(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "unknown" : found->second;
  }

  /// The example, or what there is in this school where ids and moments are asked.
  json likely(const std::string& name, json example) const {
    if (name == "answered_by") return school.id("father");
    if (name == "account" || name == "child") return value_of(name);
    if (name == "subject") return value_of("post");
    if (name == "group") return school.id("class");
    if (name == "groups") return json{school.id("class")};
    if (name == "children") return json{school.id("child")};
    if (name == "given_at") return "2026-10-05T10:00:00+02:00";
    return example;
  }

  std::map<std::string, std::string> values_;
};

const std::vector<std::string>& odd_segments() {
  static const std::vector<std::string> kOdd = {kCanary,
                                                "child_" + kCanary,
                                                "child_01h455vb4pex5vsknk084sn02q",
                                                "school_7zzzzzzzzzzzzzzzzzzzzzzzzz",
                                                std::string(900, 'a'),
                                                "%2F..%2F" + kCanary,
                                                "%F0%9F%98%80",
                                                "%00",
                                                "%zz",
                                                "{child}",
                                                "-1"};
  return kOdd;
}

const std::vector<std::string>& odd_queries() {
  static const std::vector<std::string> kOdd = [] {
    std::vector<std::string> odd;
    for (const auto* name :
         {"at", "cursor", "limit", "min_position", "day", "group", "purpose", "status",
          "school_year", "subject", "type", "actor", "from", "to", "last_day"}) {
      for (const auto& value : {kCanary, std::string(), std::string("-1"), std::string("0"),
                                std::string("99999999999999999999999"), std::string("1e9"),
                                std::string("2026-02-30"), std::string("9999-12-31T23:59:59Z"),
                                std::string("0000-01-01T00:00:00%2B23:59"), std::string("%25")}) {
        odd.push_back(std::string(name) + "=" + value);
      }
    }
    odd.insert(odd.end(), {"", "=", "&&&", "a=1&a=2", kCanary + "=" + kCanary, "%00=1"});
    return odd;
  }();
  return kOdd;
}

/// As they stand in a body, also what no JSON library would write.
const std::vector<std::string>& odd_values() {
  static const std::vector<std::string> kOdd = {
      "null",
      "true",
      "-1",
      "0",
      "1.5",
      "1e400",
      "65536",
      "9223372036854775807",
      "99999999999999999999",
      "\"\"",
      "\" \"",
      "\"" + kCanary + "\"",
      "\"" + std::string(100'000, 'x') + "\"",
      "\"\\u0000\"",
      "\"\\ud800\"",
      "\"\xC3\x28\"",
      "\"\\u202e\\u200b\"",
      "\"2026-02-30\"",
      "\"1900-01-01\"",
      "\"2199-12-31\"",
      "\"9999-12-31T23:59:59.999999Z\"",
      "\"child_7zzzzzzzzzzzzzzzzzzzzzzzzz\"",
      "[]",
      "[null]",
      "[\"" + kCanary + "\"]",
      "[[[[[[[[]]]]]]]]",
      "{}",
      "{\"family\":\"" + kCanary + "\",\"" + std::string(300, 'm') + "\":1}"};
  return kOdd;
}

/// The body with one member's value as raw text.
std::string with_member(const json& body, const std::string& name, const std::string& raw) {
  std::string text = "{";
  for (const auto& [key, value] : body.items()) {
    if (key != name) text += json(key).dump() + ":" + value.dump() + ",";
  }
  return text + json(name).dump() + ":" + raw + "}";
}

bool takes_body(const Route& route) { return route.shape.body().has_value(); }

TEST_CASE("no route answers 5xx to whoever asks, nor anything but a problem when it refuses") {
  Sweep sweep;
  for (const auto& route : api::all_routes()) {
    const auto body = takes_body(route) ? sweep.likely_body(route).dump() : std::string();
    for (const auto* who : {"", "mother", "stepfather", "teacher", "office", "stranger"}) {
      sweep.send(route, sweep.path_of(route), who, body);
    }
  }
  CHECK(sweep.sent >= api::all_routes().size() * 6);
}

TEST_CASE("what is swept with is close enough to what is meant that most routes take it") {
  Sweep sweep;
  std::size_t taken = 0;
  for (const auto& route : api::all_routes()) {
    const auto body = takes_body(route) ? sweep.likely_body(route).dump() : std::string();
    const auto answer = sweep.school.send(std::string(method_name(route.method)),
                                          sweep.path_of(route), caller_of(route), body);
    UNSCOPED_INFO(route.name << ": " << answer.status << " " << answer.code());
    if (answer.status < 300) ++taken;
  }
  CHECK(taken * 3 >= api::all_routes().size() * 2);
}

TEST_CASE("hostile paths are refused by every route") {
  Sweep sweep;
  for (const auto& route : api::all_routes()) {
    const auto body = takes_body(route) ? sweep.likely_body(route).dump() : std::string();
    for (const auto& name : Sweep::parameters_of(route)) {
      for (const auto& odd : odd_segments()) {
        sweep.send(route, sweep.path_of(route, name, odd), caller_of(route), body);
      }
    }
  }
  CHECK(sweep.sent > 0);
}

TEST_CASE("hostile queries are refused by every route, and those that it doesn't know") {
  Sweep sweep;
  for (const auto& route : api::all_routes()) {
    if (takes_body(route)) continue;
    for (const auto& query : odd_queries()) {
      sweep.send(route, sweep.path_of(route) + "?" + query, caller_of(route), "");
    }
  }
  CHECK(sweep.sent > 0);
}

TEST_CASE("hostile bodies are refused by every route, member by member") {
  Sweep sweep;
  for (const auto& route : api::all_routes()) {
    if (route.method == api::Method::get) continue;
    const auto target = sweep.path_of(route);
    const auto who = caller_of(route);
    for (const auto& odd : odd_values()) sweep.send(route, target, who, odd);
    for (const auto& odd : {std::string("{"), std::string("{\"\":1}"), "{\"x\":" + kCanary + "}"}) {
      sweep.send(route, target, who, odd);
    }
    if (!takes_body(route)) continue;
    const auto likely = sweep.likely_body(route);
    for (const auto& name : Sweep::members_of(route)) {
      for (const auto& odd : odd_values()) {
        sweep.send(route, target, who, with_member(likely, name, odd));
      }
      auto without = likely;
      without.erase(name);
      sweep.send(route, target, who, without.dump());
    }
  }
  CHECK(sweep.sent > 1000);
}

}  // namespace
}  // namespace klasboek::tests
