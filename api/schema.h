#pragma once
// JSON Schemas for /openapi.json, made of the same limits and name tables that JsonReader reads by,
// each with an example made of its parts.
//
//   const auto body = schema::object({required("title", text(kTitleLimits, "Schoolreis")),
//                                     optional("last_day", day())});
//
// Thread safety: plain values. They are made once, when the route table is.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_reader.h"

namespace klasboek::api::schema {

class Schema {
 public:
  /// Both are JSON.
  Schema(std::string json, std::string example)
      : json_(std::move(json)), example_(std::move(example)) {}

  /// As it stands where it is used: a reference where it has a name.
  [[nodiscard]] const std::string& json() const { return json_; }
  [[nodiscard]] const std::string& example() const { return example_; }
  /// The schemas with a name that this one refers to, itself included.
  [[nodiscard]] const std::map<std::string, std::string>& named() const { return named_; }

 private:
  friend Schema named(std::string_view name, Schema schema);
  friend Schema nullable(Schema schema);
  friend class Members;
  friend Schema list(const ListLimits& limits, const Schema& item);
  std::string json_;
  std::string example_;
  std::map<std::string, std::string> named_;
};

/// A text as JsonReader takes it.
Schema text(const TextLimits& limits, std::string_view example);
/// A text that an answer has: of people, so with whatever they wrote. characters_max: code points.
Schema words(std::size_t characters_max, std::string_view example);
/// A text of which nothing but the length can be said beforehand, such as a token.
Schema opaque(std::size_t characters_max, std::string_view example);
/// Visible ASCII without a space, at least one.
Schema visible_ascii(std::size_t characters_max, std::string_view example);
/// bytes_max: of what it stands for.
Schema base64(std::size_t bytes_max);
Schema day();
Schema instant();
Schema boolean(bool example = true);
Schema integer(const IntegerLimits& limits, std::int64_t example);
/// A number of things, from 0.
Schema count(std::int64_t example = 1);
/// A place in a school's log.
Schema position();
Schema type_id(std::string_view prefix);
Schema one_of(const std::vector<std::string_view>& names);
Schema list(const ListLimits& limits, const Schema& item);
Schema nullable(Schema schema);
/// Stands in components under this name, which generated clients call it by.
Schema named(std::string_view name, Schema schema);

template <class AnId>
Schema id() {
  return type_id(AnId::kPrefix);
}

template <class Table>
Schema one_of_table(const Table& table) {
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.push_back(entry.first);
  return one_of(names);
}

struct Member {
  std::string_view name;
  Schema schema;
  bool is_required;
  bool in_example;
};
inline Member required(std::string_view name, Schema schema) {
  return {name, std::move(schema), true, true};
}
inline Member optional(std::string_view name, Schema schema) {
  return {name, std::move(schema), false, true};
}
/// Optional, and left out of the example: it goes with another choice than the one shown.
inline Member seldom(std::string_view name, Schema schema) {
  return {name, std::move(schema), false, false};
}

/// What an answer has: more members may come with a later version, so clients pass over those that
/// they don't know.
Schema object(const std::vector<Member>& members);
/// What a request says: a member that isn't known is refused.
Schema body(const std::vector<Member>& members);

}  // namespace klasboek::api::schema
