#include "api/schema.h"

#include <algorithm>

#include "api/json_writer.h"

namespace klasboek::api::schema {

namespace {

// The same as JsonReader takes: no control characters, or none but line ends and tabs.
constexpr std::string_view kOneLine = R"(^[^\u0000-\u001F\u007F]*$)";
constexpr std::string_view kLines = R"(^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$)";
constexpr std::string_view kAnything = R"(^[\s\S]*$)";
/// Programs that keep numbers as IEEE doubles lose none up to here.
constexpr std::int64_t kExactMax = (std::int64_t{1} << 53) - 1;
constexpr std::size_t kTypeIdCharacters = 26;

std::string as_json(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

Schema string_schema(std::size_t min, std::size_t max, std::string_view pattern,
                     std::string_view example) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().text("type", "string");
  if (min > 0) writer.integer("minLength", static_cast<std::int64_t>(min));
  writer.integer("maxLength", static_cast<std::int64_t>(max)).text("pattern", pattern).end_object();
  return {std::move(json), as_json(example)};
}

}  // namespace

/// Puts an object together from what its members are.
class Members {
 public:
  Members(const std::vector<Member>& members, bool is_closed) : made_("", "") {
    JsonWriter json(made_.json_);
    JsonWriter example(made_.example_);
    json.begin_object().text("type", "object");
    if (is_closed) json.boolean("additionalProperties", false);
    if (std::ranges::any_of(members, &Member::is_required)) {
      json.begin_array("required");
      for (const auto& member : members) {
        if (member.is_required) json.text(member.name);
      }
      json.end_array();
    }
    json.begin_object("properties");
    example.begin_object();
    for (const auto& member : members) {
      // JsonReader takes a null for what is optional as nothing said.
      const bool may_be_null = is_closed && !member.is_required;
      json.raw(member.name, may_be_null ? nullable(member.schema).json() : member.schema.json());
      if (member.in_example) example.raw(member.name, member.schema.example());
      made_.named_.insert(member.schema.named().begin(), member.schema.named().end());
    }
    json.end_object().end_object();
    example.end_object();
  }
  Schema take() && { return std::move(made_); }

 private:
  Schema made_;
};

Schema text(const TextLimits& limits, std::string_view example) {
  return string_schema(limits.min, limits.max, limits.lines ? kLines : kOneLine, example);
}

Schema words(std::size_t characters_max, std::string_view example) {
  return string_schema(0, characters_max, kLines, example);
}

Schema opaque(std::size_t characters_max, std::string_view example) {
  return string_schema(0, characters_max, kAnything, example);
}

Schema visible_ascii(std::size_t characters_max, std::string_view example) {
  return string_schema(1, characters_max, "^[!-~]+$", example);
}

Schema base64(std::size_t bytes_max) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .text("type", "string")
      .text("contentEncoding", "base64")
      .integer("maxLength", static_cast<std::int64_t>((bytes_max + 2) / 3 * 4))
      .text("pattern", R"(^[A-Za-z0-9+/=
]*$)")
      .end_object();
  return {std::move(json), R"("PEVERVg+PC9FREVYPg==")"};
}

// The years are those that events::parse_day() takes.
Schema day() {
  return {R"({"type":"string","format":"date","maxLength":10,)"
          R"("pattern":"^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"})",
          R"("2026-11-02")"};
}

Schema instant() {
  return {R"({"type":"string","format":"date-time","maxLength":40,)"
          R"("pattern":"^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9])"
          R"(([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"})",
          R"("2026-11-02T08:15:00+01:00")"};
}

Schema boolean(bool example) { return {R"({"type":"boolean"})", example ? "true" : "false"}; }

Schema integer(const IntegerLimits& limits, std::int64_t example) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .text("type", "integer")
      .text("format", limits.max <= INT32_MAX ? "int32" : "int64")
      .integer("minimum", limits.min)
      .integer("maximum", limits.max)
      .end_object();
  return {std::move(json), std::to_string(example)};
}

Schema count(std::int64_t example) { return integer({.min = 0, .max = 1'000'000'000}, example); }

Schema position() { return integer({.min = 0, .max = kExactMax}, 412); }

Schema type_id(std::string_view prefix) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .text("type", "string")
      .integer("maxLength", static_cast<std::int64_t>(prefix.size() + 1 + kTypeIdCharacters))
      .text("pattern", "^" + std::string(prefix) + "_[0-7][0-9a-hjkmnp-tv-z]{25}$")
      .end_object();
  return {std::move(json), as_json(std::string(prefix) + "_01h455vb4pex5vsknk084sn02q")};
}

Schema one_of(const std::vector<std::string_view>& names) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().text("type", "string").begin_array("enum");
  for (const auto name : names) writer.text(name);
  writer.end_array().end_object();
  return {std::move(json), as_json(names.front())};
}

Schema list(const ListLimits& limits, const Schema& item) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().text("type", "array").raw("items", item.json());
  if (limits.min > 0) writer.integer("minItems", static_cast<std::int64_t>(limits.min));
  writer.integer("maxItems", static_cast<std::int64_t>(limits.max)).end_object();
  Schema made(std::move(json), limits.max == 0 ? "[]" : "[" + item.example() + "]");
  made.named_ = item.named_;
  return made;
}

Schema nullable(Schema schema) {
  schema.json_ = R"({"oneOf":[)" + schema.json_ + R"(,{"type":"null"}]})";
  return schema;
}

Schema named(std::string_view name, Schema schema) {
  schema.named_[std::string(name)] = std::move(schema.json_);
  schema.json_ = R"({"$ref":"#/components/schemas/)" + std::string(name) + R"("})";
  return schema;
}

Schema object(const std::vector<Member>& members) { return Members(members, false).take(); }
Schema body(const std::vector<Member>& members) { return Members(members, true).take(); }

}  // namespace klasboek::api::schema
