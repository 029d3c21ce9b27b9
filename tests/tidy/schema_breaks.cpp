#include "tests/tidy/schema_breaks.h"

#include <flatbuffers/reflection_generated.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace klasboek::tests {
namespace {

using reflection::BaseType;
using reflection::Enum;
using reflection::EnumVal;
using reflection::Field;
using reflection::Object;

/// A schema's bytes, where FlatBuffers can read them.
class Schema {
 public:
  explicit Schema(BinarySchema bytes) : bytes_(bytes.begin(), bytes.end()) {
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    if (!reflection::VerifySchemaBuffer(verifier)) return;
    schema_ = reflection::GetSchema(bytes_.data());
    for (const auto* object : *schema_->objects()) objects_[object->name()->str()] = object;
    for (const auto* one : *schema_->enums()) enums_[one->name()->str()] = one;
  }

  [[nodiscard]] const reflection::Schema* get() const { return schema_; }
  [[nodiscard]] const std::map<std::string, const Object*>& objects() const { return objects_; }
  [[nodiscard]] const std::map<std::string, const Enum*>& enums() const { return enums_; }
  [[nodiscard]] const Object* object(const std::string& name) const { return find(objects_, name); }
  [[nodiscard]] const Enum* enumeration(const std::string& name) const {
    return find(enums_, name);
  }
  [[nodiscard]] std::string root() const {
    return schema_->root_table() == nullptr ? "" : schema_->root_table()->name()->str();
  }
  [[nodiscard]] std::string identifier() const {
    return schema_->file_ident() == nullptr ? "" : schema_->file_ident()->str();
  }

  /// As in a schema: `ushort`, `[wire.Period]`, `wire.LeaveGround (ubyte)`.
  [[nodiscard]] std::string name_of(const reflection::Type& type) const {
    if (type.base_type() == BaseType::Vector) return "[" + named(type.element(), type) + "]";
    if (type.base_type() == BaseType::Array) {
      return "[" + named(type.element(), type) + ":" + std::to_string(type.fixed_length()) + "]";
    }
    return named(type.base_type(), type);
  }

 private:
  template <class T>
  static const T* find(const std::map<std::string, const T*>& named, const std::string& name) {
    const auto found = named.find(name);
    return found == named.end() ? nullptr : found->second;
  }

  [[nodiscard]] std::string named(BaseType base, const reflection::Type& type) const {
    const std::string plain = reflection::EnumNameBaseType(base);
    if (type.index() < 0) return plain;
    const auto at = static_cast<flatbuffers::uoffset_t>(type.index());
    if (base == BaseType::Obj) return schema_->objects()->Get(at)->name()->str();
    return schema_->enums()->Get(at)->name()->str() + " (" + plain + ")";
  }

  std::vector<std::uint8_t> bytes_;
  const reflection::Schema* schema_ = nullptr;
  std::map<std::string, const Object*> objects_;
  std::map<std::string, const Enum*> enums_;
};

std::string without_namespace(const std::string& name) { return name.substr(name.rfind('.') + 1); }

class Comparison {
 public:
  Comparison(const Schema& released, const Schema& present)
      : released_(released), present_(present) {}

  std::vector<SchemaFinding> findings() {
    if (released_.root() != present_.root()) {
      report(SchemaBreak::root_changed, "", "", released_.root(), present_.root());
    }
    if (released_.identifier() != present_.identifier()) {
      report(SchemaBreak::identifier_changed, "", "", released_.identifier(),
             present_.identifier());
    }
    for (const auto& [name, was] : released_.objects()) judge_object(name, *was);
    for (const auto& [name, was] : released_.enums()) judge_enum(name, *was);
    return std::move(findings_);
  }

 private:
  void report(SchemaBreak what, const std::string& owner, const std::string& member,
              const std::string& was, const std::string& is) {
    findings_.push_back({what, without_namespace(owner), member, was, is});
  }

  void judge_object(const std::string& name, const Object& was) {
    const auto* is = present_.object(name);
    if (is == nullptr) {
      report(SchemaBreak::type_gone, name, "", was.is_struct() ? "struct" : "table", "");
    } else if (was.is_struct() != is->is_struct()) {
      report(SchemaBreak::kind_changed, name, "", was.is_struct() ? "struct" : "table",
             is->is_struct() ? "struct" : "table");
    } else if (was.is_struct()) {
      const auto [before, after] = std::pair(layout_of(released_, was), layout_of(present_, *is));
      if (before != after) report(SchemaBreak::struct_changed, name, "", before, after);
    } else {
      judge_table(name, was, *is);
    }
  }

  static std::string layout_of(const Schema& schema, const Object& object) {
    std::map<std::uint16_t, std::string> at;
    for (const auto* field : *object.fields()) {
      at[field->offset()] = field->name()->str() + ":" + schema.name_of(*field->type());
    }
    auto text = std::to_string(object.bytesize()) + " bytes:";
    for (const auto& [offset, field] : at) text += " " + std::to_string(offset) + " " + field;
    return text;
  }

  void judge_table(const std::string& table, const Object& was, const Object& is) {
    std::map<std::uint16_t, const Field*> by_id;
    std::map<std::string, const Field*> by_name;
    for (const auto* field : *is.fields()) {
      by_id[field->id()] = field;
      by_name[field->name()->str()] = field;
    }
    for (const auto* field : *was.fields()) {
      const auto name = field->name()->str();
      const auto same_id = by_id.find(field->id());
      const auto same_name = by_name.find(name);
      if (same_id != by_id.end()) {
        judge_field(table, *field, *same_id->second);
        by_id.erase(same_id);
      } else if (same_name == by_name.end()) {
        report(SchemaBreak::field_gone, table, name, number(*field), "");
      }
      if (same_name != by_name.end() && same_name->second->id() != field->id()) {
        report(SchemaBreak::field_moved, table, name, number(*field), number(*same_name->second));
      }
    }
    for (const auto& [id, added] : by_id) {
      if (added->required()) {
        report(SchemaBreak::required_field_added, table, added->name()->str(), "", number(*added));
      }
    }
  }

  static std::string number(const Field& field) { return "id " + std::to_string(field.id()); }

  /// Both have the same id.
  void judge_field(const std::string& table, const Field& was, const Field& is) {
    const auto name = was.name()->str();
    if (was.deprecated()) {
      // Whatever it is now, bytes from before it was deprecated hold something else.
      if (!is.deprecated() || is.name()->str() != name) {
        report(SchemaBreak::deprecated_reused, table, name, number(was), is.name()->str());
      }
    } else if (is.name()->str() != name) {
      report(SchemaBreak::field_renamed, table, name, name, is.name()->str());
    } else if (is.deprecated()) {
      report(SchemaBreak::field_deprecated, table, name, "", "");
    }
    const auto type_was = released_.name_of(*was.type());
    const auto type_is = present_.name_of(*is.type());
    if (type_was != type_is) {
      report(SchemaBreak::field_retyped, table, name, type_was, type_is);
    } else if (default_of(was) != default_of(is)) {
      report(SchemaBreak::default_changed, table, name, default_of(was), default_of(is));
    }
    if (was.required() != is.required()) {
      report(SchemaBreak::field_made_required, table, name,
             was.required() ? "required" : "optional", is.required() ? "required" : "optional");
    }
  }

  static std::string default_of(const Field& field) {
    const auto base = field.type()->base_type();
    if (base > BaseType::Double) return "";
    if (field.optional()) return "null";
    return base >= BaseType::Float ? std::to_string(field.default_real())
                                   : std::to_string(field.default_integer());
  }

  void judge_enum(const std::string& name, const Enum& was) {
    const auto* is = present_.enumeration(name);
    if (is == nullptr) {
      report(SchemaBreak::type_gone, name, "", was.is_union() ? "union" : "enum", "");
      return;
    }
    const auto [before, after] = std::pair(kind_of(released_, was), kind_of(present_, *is));
    if (before != after) {
      report(SchemaBreak::kind_changed, name, "", before, after);
      return;
    }
    std::map<std::int64_t, const EnumVal*> by_number;
    std::map<std::string, std::int64_t> numbers;
    for (const auto* value : *is->values()) {
      by_number[value->value()] = value;
      numbers[value->name()->str()] = value->value();
    }
    for (const auto* value : *was.values()) {
      const auto same_number = by_number.find(value->value());
      judge_value(name, was.is_union(), *value,
                  same_number == by_number.end() ? nullptr : same_number->second, numbers);
    }
  }

  static std::string kind_of(const Schema& schema, const Enum& one) {
    return one.is_union() ? "union" : "enum of " + schema.name_of(*one.underlying_type());
  }

  void judge_value(const std::string& owner, bool in_union, const EnumVal& was, const EnumVal* is,
                   const std::map<std::string, std::int64_t>& numbers) {
    const auto name = was.name()->str();
    const auto number = std::to_string(was.value());
    if (const auto now = numbers.find(name); now != numbers.end() && now->second != was.value()) {
      report(in_union ? SchemaBreak::member_renumbered : SchemaBreak::value_renumbered, owner, name,
             number, std::to_string(now->second));
    } else if (is == nullptr) {
      report(in_union ? SchemaBreak::member_gone : SchemaBreak::value_gone, owner, name, number,
             "");
    } else if (is->name()->str() != name) {
      report(in_union ? SchemaBreak::member_renamed : SchemaBreak::value_renamed, owner, name, name,
             is->name()->str());
    }
    if (!in_union || is == nullptr) return;
    const auto type_was = released_.name_of(*was.union_type());
    const auto type_is = present_.name_of(*is->union_type());
    if (type_was != type_is) {
      report(SchemaBreak::member_retyped, owner, name, type_was, type_is);
    }
  }

  const Schema& released_;
  const Schema& present_;
  std::vector<SchemaFinding> findings_;
};

struct Words {
  std::string_view broke;
  std::string_view remedy;
};

constexpr std::string_view kPutBack = "put it back as it was";
constexpr std::string_view kNewField = "put it back, and give what is new a field of its own";
constexpr std::string_view kNewType =
    "put it back, and give the changed meaning an event type of its own";

/// A switch, so that a new kind of break has words or doesn't compile.
Words words_of(SchemaBreak what) {
  switch (what) {
    case SchemaBreak::not_a_schema:
      return {"is no binary schema", "take the file from version control again"};
    case SchemaBreak::root_changed:
      return {"the root is another table", kPutBack};
    case SchemaBreak::identifier_changed:
      return {"the file identifier is another", kPutBack};
    case SchemaBreak::type_gone:
      return {"is deleted or renamed", "put it back under its name; old bytes still hold it"};
    case SchemaBreak::kind_changed:
      return {"is of another kind", kNewType};
    case SchemaBreak::struct_changed:
      return {"is a struct and can't change", "put it back, and add a new table beside it"};
    case SchemaBreak::field_gone:
      return {"is deleted", "put it back; a field that is written no more stays readable"};
    case SchemaBreak::field_renamed:
      return {"is renamed, or its number is another field's now", kNewField};
    case SchemaBreak::field_moved:
      return {"has another number", kPutBack};
    case SchemaBreak::field_retyped:
      return {"has another type", kNewField};
    case SchemaBreak::default_changed:
      return {"has another default, so old bytes that leave it out change their meaning", kNewType};
    case SchemaBreak::field_made_required:
      return {"is required by one and not by the other", kPutBack};
    case SchemaBreak::required_field_added:
      return {"is new and required, so that no old bytes verify", "take `required` away"};
    case SchemaBreak::field_deprecated:
      return {"is deprecated, so that it can't be read from old bytes",
              "take `deprecated` away; say in a comment that it is written no more"};
    case SchemaBreak::deprecated_reused:
      return {"was deprecated once and its number is in use again", kNewField};
    case SchemaBreak::value_gone:
      return {"is deleted", "put it back; old bytes still hold its number"};
    case SchemaBreak::value_renamed:
      return {"is renamed, or its number is another value's now",
              "put it back, and give the new value a number of its own"};
    case SchemaBreak::value_renumbered:
      return {"has another number", kPutBack};
    case SchemaBreak::member_gone:
      return {"is taken out of the union", "put it back; a type that is written no more is upcast"};
    case SchemaBreak::member_renamed:
      return {"is renamed, or its number is another type's now",
              "put it back, and give the new type a number of its own"};
    case SchemaBreak::member_renumbered:
      return {"has another number", kPutBack};
    case SchemaBreak::member_retyped:
      return {"is another table", kNewType};
    case SchemaBreak::format_not_raised:
      return {"is new since this frame format was released",
              "raise kFrameFormat in events/commit.h"};
  }
  return {};
}

std::vector<SchemaFinding> not_a_schema(std::string_view which) {
  return {{SchemaBreak::not_a_schema, std::string(which), "", "", ""}};
}

}  // namespace

std::string to_text(const SchemaFinding& finding) {
  auto text = finding.owner.empty() ? std::string("the schema") : finding.owner;
  if (!finding.member.empty()) text += "." + finding.member;
  const auto words = words_of(finding.what);
  text += " " + std::string(words.broke);
  if (!finding.was.empty() || !finding.is.empty()) {
    const auto shown = [](const std::string& value) { return value.empty() ? "nothing" : value; };
    text += " (was " + shown(finding.was) + ", is " + shown(finding.is) + ")";
  }
  return text + ": " + std::string(words.remedy);
}

std::vector<SchemaFinding> breaks_between(BinarySchema released, BinarySchema present) {
  const Schema before(released);
  if (before.get() == nullptr) return not_a_schema("the released one");
  const Schema after(present);
  if (after.get() == nullptr) return not_a_schema("the present one");
  return Comparison(before, after).findings();
}

std::vector<SchemaFinding> growth_between(BinarySchema released, BinarySchema present) {
  // What the older one lacks is what would be lost on the way back.
  auto findings = breaks_between(present, released);
  for (auto& finding : findings) {
    if (finding.what == SchemaBreak::not_a_schema) continue;
    finding.what = SchemaBreak::format_not_raised;
    std::swap(finding.was, finding.is);
  }
  return findings;
}

}  // namespace klasboek::tests
