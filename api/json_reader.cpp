#include "api/json_reader.h"

#include <algorithm>
#include <cassert>

#include "api/http_text.h"
#include "api/time_text.h"

namespace klasboek::api {
namespace {

using Kind = JsonValue::Kind;

constexpr std::size_t kUnknownNameBytesMax = 100;

void note(std::vector<FieldError>& errors, std::string pointer, std::string_view code,
          std::string message) {
  if (errors.size() == kFieldErrorsMax) return;
  errors.push_back({std::move(pointer), std::string(code), std::move(message)});
}

// One reference token of a JSON pointer (RFC 6901).
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

// The start of a name that somebody else chose, cut between code points.
std::string_view shortened(std::string_view name) {
  if (name.size() <= kUnknownNameBytesMax) return name;
  std::size_t length = kUnknownNameBytesMax;
  while ((static_cast<unsigned char>(name[length]) & 0xC0U) == 0x80U) --length;
  return name.substr(0, length);
}

bool is_clean(std::string_view text, bool lines) {
  return std::ranges::none_of(text, [&](char c) {
    const bool is_line = c == '\n' || c == '\r' || c == '\t';
    return (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) && !(lines && is_line);
  });
}

std::string between(std::string_view unit, std::uint64_t min, std::uint64_t max) {
  return std::to_string(min) + " to " + std::to_string(max) + " " + std::string(unit);
}

}  // namespace

void JsonItem::refuse(std::string_view code, std::string_view wanted) {
  note(errors_, pointer_, code, "wanted: " + std::string(wanted));
}

void JsonItem::append_name(std::string& names, std::string_view name) {
  if (!names.empty()) names += ", ";
  names += name;
}

std::optional<std::string> JsonItem::text(const TextLimits& limits) {
  const std::string wanted = "a text of " + between("characters", limits.min, limits.max);
  if (value_.kind != Kind::text) {
    refuse("wrong_type", wanted);
    return std::nullopt;
  }
  const std::size_t length = utf8_length(value_.text);
  if (length < limits.min || length > limits.max) {
    refuse(length < limits.min ? "too_short" : "too_long", wanted);
    return std::nullopt;
  }
  if (!is_clean(value_.text, limits.lines)) {
    refuse("control_character", wanted + " without control characters");
    return std::nullopt;
  }
  return value_.text;
}

std::optional<std::int64_t> JsonItem::integer(const IntegerLimits& limits) {
  const std::string wanted =
      "a whole number from " + std::to_string(limits.min) + " to " + std::to_string(limits.max);
  if (value_.kind != Kind::integer) {
    refuse("wrong_type", wanted);
    return std::nullopt;
  }
  if (value_.integer < limits.min || value_.integer > limits.max) {
    refuse("out_of_range", wanted);
    return std::nullopt;
  }
  return value_.integer;
}

std::optional<bool> JsonItem::boolean() {
  if (value_.kind == Kind::boolean) return value_.boolean;
  refuse("wrong_type", "true or false");
  return std::nullopt;
}

std::optional<events::Day> JsonItem::day() {
  if (value_.kind == Kind::text) {
    if (const auto day = events::parse_day(value_.text)) return day;
  }
  refuse("not_a_day", "a day that exists, as YYYY-MM-DD");
  return std::nullopt;
}

std::optional<std::int64_t> JsonItem::instant_us() {
  if (value_.kind == Kind::text) {
    if (const auto instant_us = parse_instant(value_.text)) return instant_us;
  }
  refuse("not_an_instant", "a time with offset (RFC 3339), such as 2026-03-01T08:15:00+01:00");
  return std::nullopt;
}

bool JsonItem::object(const std::function<void(JsonReader&)>& read) {
  if (value_.kind != Kind::object) {
    refuse("wrong_type", "an object");
    return false;
  }
  JsonReader reader(value_, pointer_, errors_);
  read(reader);
  reader.note_unknown_members();
  return true;
}

bool JsonItem::list(const ListLimits& limits, const std::function<void(JsonItem&)>& read) {
  const std::string wanted = "a list of " + between("items", limits.min, limits.max);
  if (value_.kind != Kind::array) {
    refuse("wrong_type", wanted);
    return false;
  }
  if (value_.items.size() < limits.min || value_.items.size() > limits.max) {
    refuse(value_.items.size() < limits.min ? "too_few" : "too_many", wanted);
    return false;
  }
  for (std::size_t i = 0; i < value_.items.size(); ++i) {
    JsonItem item(value_.items[i], pointer_ + "/" + std::to_string(i), errors_);
    read(item);
  }
  return true;
}

JsonReader::JsonReader(const JsonValue& object) : object_(object), errors_(own_errors_) {
  assert(object.kind == Kind::object);
}

JsonReader::JsonReader(const JsonValue& object, std::string pointer,
                       std::vector<FieldError>& errors)
    : object_(object), pointer_(std::move(pointer)), errors_(errors) {}

std::string JsonReader::pointer_to(std::string_view name) const {
  return pointer_ + "/" + escaped(name);
}

const JsonValue* JsonReader::asked(std::string_view name) {
  if (std::ranges::find(asked_, name) == asked_.end()) asked_.emplace_back(name);
  return object_.member(name);
}

std::optional<JsonItem> JsonReader::required(std::string_view name) {
  const JsonValue* value = asked(name);
  if (value == nullptr) {
    note(errors_, pointer_to(name), "missing", "this member is needed");
    return std::nullopt;
  }
  return JsonItem(*value, pointer_to(name), errors_);
}

std::optional<JsonItem> JsonReader::present(std::string_view name) {
  const JsonValue* value = asked(name);
  if (value == nullptr || value->kind == Kind::null) return std::nullopt;
  return JsonItem(*value, pointer_to(name), errors_);
}

std::string JsonReader::text(std::string_view name, const TextLimits& limits) {
  auto item = required(name);
  return item ? item->text(limits).value_or("") : "";
}

std::int64_t JsonReader::integer(std::string_view name, const IntegerLimits& limits) {
  auto item = required(name);
  return item ? item->integer(limits).value_or(0) : 0;
}

bool JsonReader::boolean(std::string_view name) {
  auto item = required(name);
  return item && item->boolean().value_or(false);
}

events::Day JsonReader::day(std::string_view name) {
  auto item = required(name);
  return item ? item->day().value_or(events::Day{}) : events::Day{};
}

std::int64_t JsonReader::instant_us(std::string_view name) {
  auto item = required(name);
  return item ? item->instant_us().value_or(0) : 0;
}

std::optional<std::string> JsonReader::optional_text(std::string_view name,
                                                     const TextLimits& limits) {
  auto item = present(name);
  return item ? item->text(limits) : std::nullopt;
}

std::optional<std::int64_t> JsonReader::optional_integer(std::string_view name,
                                                         const IntegerLimits& limits) {
  auto item = present(name);
  return item ? item->integer(limits) : std::nullopt;
}

std::optional<bool> JsonReader::optional_boolean(std::string_view name) {
  auto item = present(name);
  return item ? item->boolean() : std::nullopt;
}

std::optional<events::Day> JsonReader::optional_day(std::string_view name) {
  auto item = present(name);
  return item ? item->day() : std::nullopt;
}

std::optional<std::int64_t> JsonReader::optional_instant_us(std::string_view name) {
  auto item = present(name);
  return item ? item->instant_us() : std::nullopt;
}

bool JsonReader::object(std::string_view name, const std::function<void(JsonReader&)>& read) {
  auto item = required(name);
  return item && item->object(read);
}

bool JsonReader::optional_object(std::string_view name,
                                 const std::function<void(JsonReader&)>& read) {
  auto item = present(name);
  return item && item->object(read);
}

bool JsonReader::list(std::string_view name, const ListLimits& limits,
                      const std::function<void(JsonItem&)>& read) {
  auto item = required(name);
  return item && item->list(limits, read);
}

bool JsonReader::optional_list(std::string_view name, const ListLimits& limits,
                               const std::function<void(JsonItem&)>& read) {
  auto item = present(name);
  return item && item->list(limits, read);
}

bool JsonReader::objects(std::string_view name, const ListLimits& limits,
                         const std::function<void(JsonReader&)>& read) {
  return list(name, limits, [&](JsonItem& item) { item.object(read); });
}

std::vector<std::string> JsonReader::texts(std::string_view name, const ListLimits& limits,
                                           const TextLimits& each) {
  std::vector<std::string> all;
  list(name, limits, [&](JsonItem& item) {
    if (auto text = item.text(each)) all.push_back(*std::move(text));
  });
  return all;
}

bool JsonReader::has(std::string_view name) { return asked(name) != nullptr; }

bool JsonReader::is_null(std::string_view name) {
  const JsonValue* value = asked(name);
  return value != nullptr && value->kind == Kind::null;
}

void JsonReader::refuse(std::string_view name, std::string_view code, std::string_view message) {
  note(errors_, pointer_to(name), code, std::string(message));
}

void JsonReader::note_unknown_members() {
  std::string known;
  for (const std::string& name : asked_) JsonItem::append_name(known, name);
  for (const JsonMember& member : object_.members) {
    if (std::ranges::find(asked_, member.name) != asked_.end()) continue;
    note(errors_, pointer_to(shortened(member.name)), "unknown_member",
         known.empty() ? "no members are known here" : "known here: " + known);
  }
}

std::optional<Problem> JsonReader::finish() {
  note_unknown_members();
  if (errors_.empty()) return std::nullopt;
  return invalid_body(std::move(errors_));
}

std::expected<JsonValue, Problem> read_json(const Request& request, const JsonLimits& limits) {
  const std::string_view type = request.headers.find("content-type").value_or("");
  const std::string_view essence = trimmed(type.substr(0, type.find(';')));
  if (!equals_ignoring_case(essence, "application/json")) {
    return std::unexpected(unsupported_media_type("application/json"));
  }
  return parse_json(request.body, limits);
}

}  // namespace klasboek::api
