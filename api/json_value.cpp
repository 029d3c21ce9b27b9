#include "api/json_value.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "api/json_writer.h"

namespace klasboek::api {
namespace {

using Json = nlohmann::json;
using Kind = JsonValue::Kind;

// Builds the tree from the parser's events and stops it at the first thing that is refused.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return place({}); }
  bool boolean(bool value) override {
    JsonValue made;
    made.kind = Kind::boolean;
    made.boolean = value;
    return place(std::move(made));
  }
  bool number_integer(number_integer_t value) override { return place(integer_of(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    constexpr auto kMax = static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max());
    if (value > kMax) return place(worded(Kind::number, std::to_string(value)));
    return place(integer_of(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t /*value*/, const string_t& digits) override {
    return place(worded(Kind::number, digits));
  }
  bool string(string_t& value) override { return place(worded(Kind::text, std::move(value))); }
  bool binary(binary_t& /*value*/) override { return refuse("It holds binary values."); }

  bool start_object(std::size_t /*size*/) override { return open(Kind::object); }
  bool start_array(std::size_t /*size*/) override { return open(Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    std::vector<JsonMember>& members = open_.back()->members;
    if (members.size() == limits_.members_max) {
      return refuse("An object has more than " + std::to_string(limits_.members_max) + " members.");
    }
    if (std::ranges::find(members, name, &JsonMember::name) != members.end()) {
      return refuse("An object has a member twice.");
    }
    members.push_back({std::move(name), {}});
    return true;
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return refuse("It can't be read beyond byte " + std::to_string(position) + ".");
  }

  JsonValue take_root() { return std::move(root_); }
  const std::optional<std::string>& refusal() const { return refusal_; }

 private:
  static JsonValue integer_of(std::int64_t value) {
    JsonValue made;
    made.kind = Kind::integer;
    made.integer = value;
    return made;
  }
  static JsonValue worded(Kind kind, std::string text) {
    JsonValue made;
    made.kind = kind;
    made.text = std::move(text);
    return made;
  }

  bool refuse(std::string why) {
    refusal_ = std::move(why);
    return false;
  }

  // Where the next value goes: pointers stay good, since a container only grows when it is the
  // innermost open one, and then nothing below it is open.
  JsonValue* put(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    JsonValue& container = *open_.back();
    if (container.kind == Kind::array) {
      container.items.push_back(std::move(value));
      return &container.items.back();
    }
    container.members.back().value = std::move(value);
    return &container.members.back().value;
  }

  bool place(JsonValue value) {
    if (open_.empty()) return refuse("The outermost value must be an object.");
    put(std::move(value));
    return true;
  }

  bool open(Kind kind) {
    if (open_.empty() && kind != Kind::object) {
      return refuse("The outermost value must be an object.");
    }
    if (open_.size() == limits_.depth_max) {
      return refuse("It is nested deeper than " + std::to_string(limits_.depth_max) + " levels.");
    }
    JsonValue made;
    made.kind = kind;
    open_.push_back(put(std::move(made)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::optional<std::string> refusal_;
};

void append_canonical(std::string& out, const JsonValue& value);

void append_canonical_items(std::string& out, const JsonValue& array) {
  out += '[';
  for (const JsonValue& item : array.items) {
    if (&item != &array.items.front()) out += ',';
    append_canonical(out, item);
  }
  out += ']';
}

void append_canonical_members(std::string& out, const JsonValue& object) {
  std::vector<const JsonMember*> sorted;
  sorted.reserve(object.members.size());
  for (const JsonMember& member : object.members) sorted.push_back(&member);
  std::ranges::sort(sorted, {},
                    [](const JsonMember* member) -> const std::string& { return member->name; });
  out += '{';
  for (const JsonMember* member : sorted) {
    if (member != sorted.front()) out += ',';
    append_json_text(out, member->name);
    out += ':';
    append_canonical(out, member->value);
  }
  out += '}';
}

// Recursion is bounded by JsonLimits::depth_max.
void append_canonical(std::string& out, const JsonValue& value) {
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(value.integer);
      return;
    case Kind::number:
      out += value.text;
      return;
    case Kind::text:
      append_json_text(out, value.text);
      return;
    case Kind::array:
      append_canonical_items(out, value);
      return;
    case Kind::object:
      append_canonical_members(out, value);
      return;
  }
}

}  // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &JsonMember::name);
  return found == members.end() ? nullptr : &found->value;
}

std::expected<JsonValue, Problem> parse_json(std::string_view bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes_max) return std::unexpected(body_too_large(limits.bytes_max));
  if (bytes.empty()) return std::unexpected(malformed_json("The body is empty."));
  // The parser takes a zero byte for the end and would never see what follows it.
  if (bytes.find('\0') != std::string_view::npos) {
    return std::unexpected(malformed_json("It holds a zero byte."));
  }
  TreeBuilder builder(limits);
  if (!Json::sax_parse(bytes, &builder)) {
    return std::unexpected(malformed_json(builder.refusal().value_or("It can't be read.")));
  }
  return builder.take_root();
}

std::string canonical_json(const JsonValue& value) {
  std::string text;
  append_canonical(text, value);
  return text;
}

}  // namespace klasboek::api
