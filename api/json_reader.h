// JsonReader: takes a request's body apart, member by member, and gathers all that is wrong with
// it, so that the client hears everything at once.
//
//   const auto body = read_json(request);
//   if (!body) return to_response(body.error(), request.request_id);
//   JsonReader reader(*body);
//   const std::string title = reader.text("title", {.min = 1, .max = 200});
//   const auto kind = reader.one_of<PostKind>("kind", kPostKinds);
//   reader.objects("children", {.max = 50}, [&](JsonReader& child) { … });
//   if (const auto problem = reader.finish()) return to_response(*problem, request.request_id);
//
// A member that is missing or wrong leaves an error behind and gives an empty value, which nobody
// may use before finish() said that all is well. Members that were never asked for are errors,
// too: a misspelt name is refused, not ignored. An optional member that is null counts as absent.
// Messages say what is wanted and never quote what was sent.
//
// Thread safety: none; a reader belongs to one thread. Ownership: the tree is the caller's and
// must outlive the reader.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http_message.h"
#include "api/json_value.h"
#include "api/problem.h"
#include "events/day.h"

namespace klasboek::api {

inline constexpr std::size_t kFieldErrorsMax = 100;  // further ones aren't listed

// Code points. Without `lines`, no control characters; with it, line ends and tabs are taken.
struct TextLimits {
  std::size_t min = 0;
  std::size_t max = 1000;
  bool lines = false;
};
struct ListLimits {
  std::size_t min = 0;
  std::size_t max = 100;
};
struct IntegerLimits {
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
};

// The public names of an enumeration's values.
template <typename E>
using NameTable = std::span<const std::pair<std::string_view, E>>;

class JsonReader;

// One value with the place that it stands in; an item of a list, mostly. Each of its functions
// gives nullopt when the value isn't that, and has noted why.
class JsonItem {
 public:
  JsonItem(const JsonValue& value, std::string pointer, std::vector<FieldError>& errors)
      : value_(value), pointer_(std::move(pointer)), errors_(errors) {}

  std::optional<std::string> text(const TextLimits& limits);
  std::optional<std::int64_t> integer(const IntegerLimits& limits = {});
  std::optional<bool> boolean();
  std::optional<events::Day> day();
  std::optional<std::int64_t> instant_us();

  template <typename E>
  std::optional<E> one_of(NameTable<E> table) {
    for (const auto& [name, value] : table) {
      if (value_.kind == JsonValue::Kind::text && value_.text == name) return value;
    }
    std::string names;
    for (const auto& entry : table) append_name(names, entry.first);
    refuse("unknown_value", "one of " + names);
    return std::nullopt;
  }

  // What `parse` (std::string_view → std::optional<T>) makes of a text; `wanted` names it for the
  // client: "the id of a child, such as child_01h455vb4pex5vsknk084sn02q".
  template <typename Parse>
  auto parsed(const Parse& parse, std::string_view wanted) -> decltype(parse(std::string_view())) {
    if (value_.kind == JsonValue::Kind::text) {
      if (auto value = parse(std::string_view(value_.text))) return value;
    }
    refuse("invalid_value", wanted);
    return std::nullopt;
  }

  bool object(const std::function<void(JsonReader&)>& read);
  bool list(const ListLimits& limits, const std::function<void(JsonItem&)>& read);

  // Notes that this value won't do, for a reason that only the caller knows.
  void refuse(std::string_view code, std::string_view wanted);

 private:
  friend class JsonReader;
  static void append_name(std::string& names, std::string_view name);

  const JsonValue& value_;
  std::string pointer_;
  std::vector<FieldError>& errors_;
};

class JsonReader {
 public:
  // REQUIRES: `object` is an object, as parse_json() makes them.
  explicit JsonReader(const JsonValue& object);

  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  std::string text(std::string_view name, const TextLimits& limits);
  std::int64_t integer(std::string_view name, const IntegerLimits& limits = {});
  bool boolean(std::string_view name);
  events::Day day(std::string_view name);
  std::int64_t instant_us(std::string_view name);  // RFC 3339 → µs since 1970

  std::optional<std::string> optional_text(std::string_view name, const TextLimits& limits);
  std::optional<std::int64_t> optional_integer(std::string_view name,
                                               const IntegerLimits& limits = {});
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<events::Day> optional_day(std::string_view name);
  std::optional<std::int64_t> optional_instant_us(std::string_view name);

  template <typename E>
  E one_of(std::string_view name, NameTable<E> table) {
    auto item = required(name);
    return (item ? item->one_of(table) : std::nullopt).value_or(E{});
  }
  template <typename E>
  std::optional<E> optional_one_of(std::string_view name, NameTable<E> table) {
    auto item = present(name);
    return item ? item->one_of(table) : std::nullopt;
  }

  // As JsonItem::parsed; nullopt with an error noted when missing or wrong.
  template <typename Parse>
  auto parsed(std::string_view name, const Parse& parse, std::string_view wanted)
      -> decltype(parse(std::string_view())) {
    auto item = required(name);
    if (!item) return std::nullopt;
    return item->parsed(parse, wanted);
  }
  template <typename Parse>
  auto optional_parsed(std::string_view name, const Parse& parse, std::string_view wanted)
      -> decltype(parse(std::string_view())) {
    auto item = present(name);
    if (!item) return std::nullopt;
    return item->parsed(parse, wanted);
  }

  // Each calls `read` for what is there and says whether the member was; an object's or item's
  // own unknown members are noted when `read` returns.
  bool object(std::string_view name, const std::function<void(JsonReader&)>& read);
  bool optional_object(std::string_view name, const std::function<void(JsonReader&)>& read);
  bool list(std::string_view name, const ListLimits& limits,
            const std::function<void(JsonItem&)>& read);
  bool optional_list(std::string_view name, const ListLimits& limits,
                     const std::function<void(JsonItem&)>& read);
  bool objects(std::string_view name, const ListLimits& limits,
               const std::function<void(JsonReader&)>& read);
  std::vector<std::string> texts(std::string_view name, const ListLimits& limits,
                                 const TextLimits& each);

  // True when the member is there, null or not; for PATCH, where null takes something away.
  bool has(std::string_view name);
  bool is_null(std::string_view name);

  // Notes an error of the caller's own about a member.
  void refuse(std::string_view name, std::string_view code, std::string_view message);

  // Ends the reading: 422 (`invalid_body`) with all errors, or nullopt when there are none.
  std::optional<Problem> finish();

 private:
  friend class JsonItem;
  JsonReader(const JsonValue& object, std::string pointer, std::vector<FieldError>& errors);

  const JsonValue* asked(std::string_view name);
  std::optional<JsonItem> required(std::string_view name);
  std::optional<JsonItem> present(std::string_view name);
  std::string pointer_to(std::string_view name) const;
  void note_unknown_members();

  const JsonValue& object_;
  std::string pointer_;
  std::vector<FieldError> own_errors_;
  std::vector<FieldError>& errors_;
  std::vector<std::string> asked_;
};

// The body of a request as JSON. Problems: 415 when Content-Type isn't application/json, and
// those of parse_json().
std::expected<JsonValue, Problem> read_json(const Request& request, const JsonLimits& limits = {});

}  // namespace klasboek::api
