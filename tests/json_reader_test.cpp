#include "api/json_reader.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "api/json_writer.h"
#include "api/time_text.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

enum class Answer : std::uint8_t { none, given, refused };
constexpr std::array<std::pair<std::string_view, Answer>, 2> kAnswers = {
    {{"given", Answer::given}, {"refused", Answer::refused}}};

JsonValue tree(std::string_view text) {
  auto parsed = parse_json(text);
  INFO(text);
  REQUIRE(parsed);
  return *std::move(parsed);
}

int status_of(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = parse_json(text, limits);
  return parsed ? 0 : parsed.error().status;
}

// "pointer code" of each error, in the order noted.
std::vector<std::string> errors_of(JsonReader& reader) {
  std::vector<std::string> all;
  const auto problem = reader.finish();
  if (!problem) return all;
  CHECK(problem->status == 422);
  CHECK(problem->code == "invalid_body");
  for (const FieldError& error : problem->errors) all.push_back(error.pointer + " " + error.code);
  return all;
}

using Errors = std::vector<std::string>;

}  // namespace

TEST_CASE("a proper body gives what it holds") {
  const JsonValue body = tree(R"({"title":"Schoolreis \u00e9\n","count":-3,"urgent":true,
      "first_day":"2028-02-29","at":"2026-03-01T08:15:00.25+01:00","answer":"given",
      "to":[{"group":"g1"},{"group":"g2"}],"tags":["a","b"],"place":{"city":"Delft"},"note":null})");
  JsonReader reader(body);
  CHECK(reader.text("title", {.min = 1, .max = 20, .lines = true}) == "Schoolreis \u00e9\n");
  CHECK(reader.integer("count", {.min = -3, .max = 3}) == -3);
  CHECK(reader.boolean("urgent"));
  CHECK(events::to_text(reader.day("first_day")) == "2028-02-29");
  CHECK(reader.instant_us("at") == parse_instant("2026-03-01T07:15:00.250Z"));
  CHECK(reader.one_of<Answer>("answer", kAnswers) == Answer::given);
  Errors groups;
  CHECK(reader.objects("to", {.min = 1, .max = 5}, [&](JsonReader& target) {
    groups.push_back(target.text("group", {.max = 5}));
  }));
  CHECK(groups == Errors{"g1", "g2"});
  CHECK(reader.texts("tags", {.max = 2}, {.max = 1}) == Errors{"a", "b"});
  CHECK(
      reader.object("place", [](JsonReader& place) { CHECK(place.text("city", {}) == "Delft"); }));
  CHECK(reader.has("note"));
  CHECK(reader.is_null("note"));
  CHECK_FALSE(reader.optional_text("note", {}));
  CHECK_FALSE(reader.optional_text("absent", {}));
  CHECK_FALSE(reader.finish());
}

TEST_CASE("everything that is wrong is said at once, each with its place") {
  const JsonValue body = tree(R"({"title":"","day":"2026-02-30","count":"3","answer":"maybe",
      "to":[{"group":7},{}],"a/b":1,"at":"2026-03-01T08:15:00"})");
  JsonReader reader(body);
  reader.text("title", {.min = 1, .max = 20});
  reader.day("day");
  reader.integer("count");
  reader.one_of<Answer>("answer", kAnswers);
  reader.objects("to", {}, [](JsonReader& target) { target.text("group", {}); });
  reader.instant_us("at");
  reader.boolean("urgent");
  CHECK(errors_of(reader) == Errors{"/title too_short", "/day not_a_day", "/count wrong_type",
                                    "/answer unknown_value", "/to/0/group wrong_type",
                                    "/to/1/group missing", "/at not_an_instant", "/urgent missing",
                                    "/a~1b unknown_member"});
}

TEST_CASE("an unknown member is refused with a hint of the known ones, at any depth") {
  const JsonValue body = tree(R"({"tilte":"x","title":"x","place":{"citty":"y"}})");
  JsonReader reader(body);
  reader.text("title", {});
  reader.object("place", [](JsonReader& place) { place.optional_text("city", {}); });
  const auto problem = reader.finish();
  REQUIRE(problem);
  REQUIRE(problem->errors.size() == 2);
  CHECK(problem->errors[0].pointer == "/place/citty");
  CHECK(problem->errors[0].message == "known here: city");
  CHECK(problem->errors[1].pointer == "/tilte");
  CHECK(problem->errors[1].message == "known here: title, place");
}

TEST_CASE("limits of texts count characters, and control characters are refused") {
  const JsonValue body =
      tree(R"({"e":"\u00e9\u00e9\u00e9","nul":"a\u0000b","line":"a\nb","del":"\u007f"})");
  JsonReader reader(body);
  CHECK(reader.text("e", {.min = 3, .max = 3}).size() == 6);
  reader.text("nul", {.lines = true});
  reader.text("line", {});
  reader.text("del", {});
  CHECK(errors_of(reader) ==
        Errors{"/nul control_character", "/line control_character", "/del control_character"});
}

TEST_CASE("numbers are whole and within 64 bits, or refused") {
  const JsonValue body =
      tree(R"({"half":0.5,"one":1.0,"big":9223372036854775808,"max":9223372036854775807,"low":5})");
  JsonReader reader(body);
  reader.integer("half");
  reader.integer("one");
  reader.integer("big");
  CHECK(reader.integer("max") == INT64_MAX);
  reader.integer("low", {.min = 6, .max = 7});
  CHECK(errors_of(reader) ==
        Errors{"/half wrong_type", "/one wrong_type", "/big wrong_type", "/low out_of_range"});
}

TEST_CASE("lists have a least and a most, and objects are objects") {
  const JsonValue body = tree(R"({"few":[],"many":[1,2,3],"none":{},"object":[]})");
  JsonReader reader(body);
  const auto ignore = [](JsonItem&) {};
  CHECK_FALSE(reader.list("few", {.min = 1, .max = 2}, ignore));
  CHECK_FALSE(reader.list("many", {.min = 1, .max = 2}, ignore));
  CHECK_FALSE(reader.list("none", {}, ignore));
  CHECK_FALSE(reader.object("object", [](JsonReader&) {}));
  CHECK(errors_of(reader) ==
        Errors{"/few too_few", "/many too_many", "/none wrong_type", "/object wrong_type"});
}

TEST_CASE("a caller's own type and a caller's own reason are noted like the rest") {
  const JsonValue body = tree(R"({"even":"4","odd":"5","end":"2026-01-01"})");
  JsonReader reader(body);
  const auto even = [](std::string_view text) -> std::optional<int> {
    if ((text.back() - '0') % 2 != 0) return std::nullopt;
    return text.back() - '0';
  };
  CHECK(reader.parsed("even", even, "an even digit") == 4);
  CHECK_FALSE(reader.parsed("odd", even, "an even digit"));
  CHECK_FALSE(reader.optional_parsed("absent", even, "an even digit"));
  reader.day("end");
  reader.refuse("end", "before_start", "must be on or after the first day");
  CHECK(errors_of(reader) == Errors{"/odd invalid_value", "/end before_start"});
}

TEST_CASE("messages never quote what was sent, and their number is bounded") {
  std::string text = R"({"secret":"Vertrouwelijk")";
  for (int i = 0; i < 250; ++i) text += ",\"m" + std::to_string(i) + "\":\"Vertrouwelijk\"";
  const JsonValue body = tree(text + "}");
  JsonReader reader(body);
  reader.integer("secret");
  const auto problem = reader.finish();
  REQUIRE(problem);
  CHECK(problem->errors.size() == kFieldErrorsMax);
  CHECK(to_response(*problem, "").body.find("Vertrouwelijk") == std::string::npos);
}

TEST_CASE("JSON that two readers could understand in two ways is refused") {
  for (const std::string& text :
       std::initializer_list<std::string>{"",
                                          " ",
                                          "{",
                                          "}",
                                          "[]",
                                          "[{}]",
                                          "1",
                                          "\"a\"",
                                          "null",
                                          "true",
                                          R"({"a":1,"a":1})",
                                          R"({"a":1,"\u0061":2})",
                                          R"({"x":{"b":1,"b":2}})",
                                          R"({a:1})",
                                          R"({'a':1})",
                                          R"({"a":1,})",
                                          R"({"a":01})",
                                          R"({"a":+1})",
                                          R"({"a":NaN})",
                                          R"({"a":1e999})",
                                          R"({"a":"\ud800"})",
                                          R"({"a":"\x"})",
                                          "{\"a\":\"\xff\"}",
                                          "{\"a\":\"\xC0\xAF\"}",
                                          "{\"a\":\"\n\"}",
                                          "{\"a\":1}x",
                                          "{\"a\":1}{}",
                                          R"({"a":1}//c)",
                                          R"({/*c*/"a":1})",
                                          std::string("{\"a\":1}\0", 8),
                                          std::string("{\"a\":1}\0{", 9)}) {
    INFO(text);
    CHECK(status_of(text) == 400);
  }
}

TEST_CASE("size, depth and members have their limits") {
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(status_of(nested(32)) == 0);
  CHECK(status_of(nested(33)) == 400);
  CHECK(status_of(R"({"a":)" + std::string(900'000, '[')) == 400);
  CHECK(status_of(R"({"a":1})", {.bytes_max = 7}) == 0);
  CHECK(status_of(R"({"a":11})", {.bytes_max = 7}) == 413);
  std::string members = "{";
  for (int i = 0; i < 257; ++i) members += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
  CHECK(status_of(members + "}") == 400);
}

TEST_CASE("a JSON body says so in Content-Type") {
  Request request;
  request.body = R"({"a":1})";
  CHECK(read_json(request).error().status == 415);
  request.headers.add("Content-Type", "Application/JSON ; charset=utf-8");
  CHECK(read_json(request));
  request.headers = {};
  request.headers.add("Content-Type", "text/plain");
  CHECK(read_json(request).error().status == 415);
}

TEST_CASE("the same document has one canonical form") {
  const auto one = tree(R"({"b":[1, 2.50,null,true],"a":{"y":"\u00e9","x":"\n"}})");
  const auto other =
      tree("{ \"a\" : {\"x\":\"\\u000a\",\"y\":\"\u00e9\"}, \"b\":[1,2.50,null,true]}");
  CHECK(canonical_json(one) == R"({"a":{"x":"\n","y":"é"},"b":[1,2.50,null,true]})");
  CHECK(canonical_json(one) == canonical_json(other));
  CHECK(canonical_json(one) != canonical_json(tree(R"({"a":{"y":"e","x":"\n"},"b":[]})")));
}

TEST_CASE("instants carry their offset and exist") {
  CHECK(parse_instant("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_instant("1970-01-01T01:00:00.000001+01:00") == 1);
  CHECK(parse_instant("1969-12-31t23:59:59.9999999z") == -1);
  CHECK(parse_instant("2024-02-29T23:30:00-00:30") == parse_instant("2024-03-01T00:00:00Z"));
  for (const char* text :
       {"", "2026-03-01", "2026-03-01T08:15:00", "2026-03-01 08:15:00Z", "2026-02-29T00:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z", "2026-03-01T08:15:60Z", "2026-03-01T08:15Z",
        "2026-03-01T08:15:00.Z", "2026-03-01T08:15:00.0123456789Z", "2026-03-01T08:15:00+1:00",
        "2026-03-01T08:15:00+0100", "2026-03-01T08:15:00+24:00", "2026-03-01T08:15:00Zx",
        "0000-03-01T08:15:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_instant(text));
  }
}

TEST_CASE("what is written can be read again, whatever the bytes") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 12; i > 0; --i) bytes += static_cast<char>(random());
    const std::int64_t number = static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
    const std::int64_t instant_us = number * 1'000'003;
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .text("text", bytes)
        .integer("number", number)
        .instant("at", instant_us)
        .day("day", events::Day{static_cast<std::int32_t>(round)})
        .null("none")
        .begin_array("list")
        .boolean(true)
        .begin_object()
        .end_object()
        .raw("7")
        .end_array()
        .end_object();
    const auto body = nlohmann::json::parse(text);
    CHECK(body["number"] == number);
    CHECK(parse_instant(body["at"].get<std::string>()) == instant_us);
    CHECK(body["list"].size() == 3);
    if (std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
      CHECK(body["text"] == bytes);
    }
  }
}

}  // namespace klasboek::tests
