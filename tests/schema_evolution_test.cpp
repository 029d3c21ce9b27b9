// What was ever released can be read for ever: the present schema is held against every one in
// events/schema/released, which are the binary schemas as programs were delivered with them, named
// VERSION.formatN.bfbs by the program's version and the frame format that it wrote. A release adds
// its own:
//
//   build/debug/tests/schema_evolution_test '[write]'
//
// What may be changed, and how, is in docs/schema-evolution.md.
#include <flatbuffers/idl.h>
#include <flatbuffers/util.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <regex>

#include "events/commit.h"
#include "events/schema/envelope_bfbs.h"
#include "tests/tidy/schema_breaks.h"

namespace klasboek::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Findings = std::vector<SchemaFinding>;
using enum SchemaBreak;

const std::filesystem::path kSchemas = KLASBOEK_SOURCE_DIR "/events/schema";
const std::filesystem::path kReleased = kSchemas / "released";

Bytes present_schema() {
  return {std::begin(events::schema::kEnvelopeBfbs), std::end(events::schema::kEnvelopeBfbs)};
}

struct ReleasedSchema {
  std::string name;
  int format = 0;
  Bytes bytes;
};

std::vector<ReleasedSchema> released_schemas() {
  static const std::regex kName(R"(\d+\.\d+\.\d+\.format(\d+)\.bfbs)");
  std::vector<ReleasedSchema> released;
  for (const auto& entry : std::filesystem::directory_iterator(kReleased)) {
    const auto name = entry.path().filename().string();
    std::smatch parts;
    if (!std::regex_match(name, parts, kName)) {
      throw std::runtime_error(entry.path().string() + " isn't named as a release");
    }
    std::ifstream file(entry.path(), std::ios::binary);
    released.push_back({name, std::stoi(parts[1]), {std::istreambuf_iterator<char>(file), {}}});
  }
  return released;
}

Bytes serialized(flatbuffers::Parser& parser) {
  parser.builder_.Clear();
  parser.Serialize();
  return {parser.builder_.GetBufferPointer(),
          parser.builder_.GetBufferPointer() + parser.builder_.GetSize()};
}

/// The binary schema of such a text.
Bytes schema(const std::string& text) {
  flatbuffers::Parser parser;
  if (!parser.Parse(text.c_str())) FAIL(parser.error_);
  return serialized(parser);
}

std::string all_words(const Findings& findings) {
  std::string words;
  for (const auto& finding : findings) words += to_text(finding) + "\n";
  return words;
}

bool holds(const Findings& findings, SchemaBreak what, const std::string& owner,
           const std::string& member) {
  return std::ranges::any_of(findings, [&](const SchemaFinding& one) {
    return one.what == what && one.owner == owner && one.member == member;
  });
}

/// What is found between the two texts.
Findings found(const std::string& released, const std::string& present) {
  return breaks_between(schema(released), schema(present));
}

/// The one thing that is found between the two texts; where there are more or none, the test fails.
SchemaFinding only_one(const std::string& released, const std::string& present) {
  const auto findings = found(released, present);
  CAPTURE(all_words(findings));
  REQUIRE(findings.size() == 1);
  return findings.front();
}

}  // namespace

TEST_CASE("whatever a released program could write is read by this one") {
  const auto released = released_schemas();
  CHECK_FALSE(released.empty());
  for (const auto& release : released) {
    const auto findings = breaks_between(release.bytes, present_schema());
    INFO("against " << release.name << ":\n" << all_words(findings));
    CHECK(findings.empty());
  }
}

TEST_CASE("what this program can write and a released one couldn't comes with a newer format") {
  for (const auto& release : released_schemas()) {
    CAPTURE(release.name);
    CHECK(release.format <= events::kFrameFormat);
    if (release.format < events::kFrameFormat) continue;
    const auto findings = growth_between(release.bytes, present_schema());
    INFO(all_words(findings));
    CHECK(findings.empty());
  }
}

TEST_CASE("releases are read by each other in the order of their formats") {
  auto released = released_schemas();
  std::ranges::sort(released, {}, &ReleasedSchema::format);
  for (std::size_t later = 1; later < released.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      CAPTURE(released[earlier].name, released[later].name);
      CHECK(breaks_between(released[earlier].bytes, released[later].bytes).empty());
    }
  }
}

TEST_CASE("a schema that only grew breaks nothing, and what is new is named") {
  const std::string before = R"(
    enum Kind : ubyte { none = 0, class_group = 1 }
    table Founded { name:string (id: 0); kind:Kind (id: 1); }
    union Body { Founded = 1 }
    table Event { body:Body (id: 1); }
    root_type Event; file_identifier "TEST";)";
  const std::string after = R"(
    enum Kind : ubyte { none = 0, class_group = 1, whole_school = 2 }
    /// A comment, and the order of writing, are nobody's business.
    table Closed { day:int (id: 0); }
    table Founded { kind:Kind (id: 1); name:string (id: 0); seats:ushort = 30 (id: 2); }
    union Body { Founded = 1, Closed = 2 }
    table Event { body:Body (id: 1); at:long (id: 2); }
    root_type Event; file_identifier "TEST";)";
  CHECK(found(before, after).empty());
  const auto growth = growth_between(schema(before), schema(after));
  INFO(all_words(growth));
  CHECK(growth.size() == 5);
  CHECK(std::ranges::all_of(growth, [](const auto& one) { return one.what == format_not_raised; }));
  CHECK(holds(growth, format_not_raised, "Kind", "whole_school"));
  CHECK(holds(growth, format_not_raised, "Closed", ""));
  CHECK(holds(growth, format_not_raised, "Founded", "seats"));
  CHECK(holds(growth, format_not_raised, "Body", "Closed"));
  CHECK(holds(growth, format_not_raised, "Event", "at"));
  CHECK(growth_between(schema(before), schema(before)).empty());
}

TEST_CASE("a removed field is found, the last one too") {
  const std::string before = "table A { a:int (id: 0); b:string (id: 1); }";
  CHECK(only_one(before, "table A { a:int (id: 0); }") ==
        SchemaFinding{field_gone, "A", "b", "id 1", ""});
  CHECK(holds(found(before, "table A { b:string (id: 0); }"), field_renamed, "A", "a"));
}

TEST_CASE("a field that became required is found, and so is a new one that is") {
  const std::string before = "table A { a:string (id: 0); }";
  CHECK(only_one(before, "table A { a:string (id: 0, required); }") ==
        SchemaFinding{field_made_required, "A", "a", "optional", "required"});
  CHECK(only_one(before, "table A { a:string (id: 0); b:string (id: 1, required); }") ==
        SchemaFinding{required_field_added, "A", "b", "", "id 1"});
}

TEST_CASE("a struct that grew, shrank or was turned about is found") {
  const std::string before = "struct S { a:int; b:int; } table A { s:S (id: 0); }";
  for (const char* after : {"struct S { a:int; b:int; c:int; } table A { s:S (id: 0); }",
                            "struct S { a:int; } table A { s:S (id: 0); }",
                            "struct S { b:int; a:int; } table A { s:S (id: 0); }",
                            "struct S { a:int; b:uint; } table A { s:S (id: 0); }",
                            "struct S { a:int; c:int; } table A { s:S (id: 0); }"}) {
    CAPTURE(after);
    const auto one = only_one(before, after);
    CHECK(one.what == struct_changed);
    CHECK(one.owner == "S");
  }
  CHECK(only_one(before, "table S { a:int (id: 0); b:int (id: 1); } table A { s:S (id: 0); }") ==
        SchemaFinding{kind_changed, "S", "", "struct", "table"});
}

TEST_CASE("an enum value that was dropped, renamed or given another number is found") {
  const std::string before = "enum E : ubyte { none = 0, ill = 1, late = 2 }";
  CHECK(only_one(before, "enum E : ubyte { none = 0, ill = 1 }") ==
        SchemaFinding{value_gone, "E", "late", "2", ""});
  CHECK(only_one(before, "enum E : ubyte { none = 0, sick = 1, late = 2 }") ==
        SchemaFinding{value_renamed, "E", "ill", "ill", "sick"});
  CHECK(only_one(before, "enum E : ubyte { none = 0, ill = 1, late = 3 }") ==
        SchemaFinding{value_renumbered, "E", "late", "2", "3"});
  CHECK(only_one(before, "enum E : ushort { none = 0, ill = 1, late = 2 }").what == kind_changed);
}

TEST_CASE("a union member that was dropped, renamed, renumbered or replaced is found") {
  const std::string tables = "table X { a:int; } table Y { a:int; } ";
  const auto before = tables + "union U { X = 1, Y = 2 } table A { u:U (id: 1); }";
  CHECK(only_one(before, tables + "union U { X = 1 } table A { u:U (id: 1); }") ==
        SchemaFinding{member_gone, "U", "Y", "2", ""});
  CHECK(only_one(before, tables + "union U { X = 1, Z:Y = 2 } table A { u:U (id: 1); }") ==
        SchemaFinding{member_renamed, "U", "Y", "Y", "Z"});
  CHECK(only_one(before, tables + "union U { X = 1, Y = 3 } table A { u:U (id: 1); }") ==
        SchemaFinding{member_renumbered, "U", "Y", "2", "3"});
  CHECK(only_one(before, tables + "union U { X = 1, Y:X = 2 } table A { u:U (id: 1); }") ==
        SchemaFinding{member_retyped, "U", "Y", "Y", "X"});
}

TEST_CASE("a number of the union that another type took is found") {
  const std::string tables = "table X { a:int; } table Y { a:int; } table Z { a:int; } ";
  const auto findings = found(tables + "union U { X = 1, Y = 2 } table A { u:U (id: 1); }",
                              tables + "union U { X = 1, Z = 2 } table A { u:U (id: 1); }");
  CHECK(holds(findings, member_renamed, "U", "Y"));
  CHECK(holds(findings, member_retyped, "U", "Y"));
}

TEST_CASE("a table, struct, enum or union that was deleted or renamed is found") {
  const std::string before =
      "table T { a:int; } struct S { a:int; } enum E : ubyte { e = 0 } union U { T = 1 }";
  CHECK(only_one(before, "table T { a:int; } struct S { a:int; } enum E : ubyte { e = 0 }") ==
        SchemaFinding{type_gone, "U", "", "union", ""});
  CHECK(only_one("table T { a:int; } " + std::string("struct S { a:int; }"),
                 "struct S { a:int; }") == SchemaFinding{type_gone, "T", "", "table", ""});
  CHECK(only_one("table T { a:int; }", "table Other { a:int; }") ==
        SchemaFinding{type_gone, "T", "", "table", ""});
  CHECK(only_one("struct S { a:int; }", "struct Other { a:int; }") ==
        SchemaFinding{type_gone, "S", "", "struct", ""});
  CHECK(only_one("enum E : ubyte { e = 0 }", "enum Other : ubyte { e = 0 }") ==
        SchemaFinding{type_gone, "E", "", "enum", ""});
}

TEST_CASE("another root or another identifier is found") {
  const std::string tables = "table A { a:int; } table B { b:int; } ";
  CHECK(only_one(tables + "root_type A;", tables + "root_type B;") ==
        SchemaFinding{root_changed, "", "", "A", "B"});
  CHECK(only_one(tables + "root_type A; file_identifier \"OLDX\";",
                 tables + "root_type A; file_identifier \"NEWX\";") ==
        SchemaFinding{identifier_changed, "", "", "OLDX", "NEWX"});
}

TEST_CASE("a renamed field is found, and so is one with another number") {
  const std::string before = "table A { a:int (id: 0); b:int (id: 1); }";
  CHECK(only_one(before, "table A { a:int (id: 0); c:int (id: 1); }") ==
        SchemaFinding{field_renamed, "A", "b", "b", "c"});
  const auto findings = found(before, "table A { b:int (id: 0); a:int (id: 1); }");
  CHECK(holds(findings, field_moved, "A", "a"));
  CHECK(holds(findings, field_moved, "A", "b"));
}

TEST_CASE("a field of another type is found") {
  const auto retyped = [](const std::string& was, const std::string& is) {
    const std::string types =
        "struct S { a:int; } table T { a:int; } enum E : ubyte { e = 0 } enum F : ubyte { f = 0 } ";
    return only_one(types + "table A { a:" + was + " (id: 0); }",
                    types + "table A { a:" + is + " (id: 0); }")
        .what;
  };
  CHECK(retyped("int", "uint") == field_retyped);
  CHECK(retyped("int", "long") == field_retyped);
  CHECK(retyped("string", "[ubyte]") == field_retyped);
  CHECK(retyped("[int]", "[uint]") == field_retyped);
  CHECK(retyped("T", "S") == field_retyped);
  CHECK(retyped("[T]", "T") == field_retyped);
  CHECK(retyped("E", "F") == field_retyped);
  CHECK(retyped("E", "ubyte") == field_retyped);
  CHECK(retyped("[E]", "[F]") == field_retyped);
}

TEST_CASE("another default is found") {
  const auto changed = [](const std::string& was, const std::string& is) {
    return only_one("enum E : ubyte { e = 0, f = 1 } table A { a:" + was + "; }",
                    "enum E : ubyte { e = 0, f = 1 } table A { a:" + is + "; }");
  };
  CHECK(changed("int = 1", "int = 2") == SchemaFinding{default_changed, "A", "a", "1", "2"});
  CHECK(changed("bool", "bool = true") == SchemaFinding{default_changed, "A", "a", "0", "1"});
  CHECK(changed("double", "double = 0.5").what == default_changed);
  CHECK(changed("E", "E = f").what == default_changed);
  CHECK(changed("int", "int = null") == SchemaFinding{default_changed, "A", "a", "0", "null"});
}

TEST_CASE("a deprecated field is found, since old bytes still hold it") {
  CHECK(only_one("table A { a:int (id: 0); }", "table A { a:int (id: 0, deprecated); }") ==
        SchemaFinding{field_deprecated, "A", "a", "", ""});
}

TEST_CASE("deprecated first and its number used again later, it is found against either release") {
  const std::string first = "table A { a:int (id: 0); b:int (id: 1); }";
  const std::string second = "table A { a:int (id: 0); b:int (id: 1, deprecated); }";
  // The same name, another one, and another one of another type.
  const std::string again = "table A { a:int (id: 0); b:int (id: 1); }";
  const std::string renamed = "table A { a:int (id: 0); c:int (id: 1); }";
  const std::string retyped = "table A { a:int (id: 0); c:string (id: 1); }";
  CHECK(only_one(second, again) == SchemaFinding{deprecated_reused, "A", "b", "id 1", "b"});
  CHECK(only_one(second, renamed) == SchemaFinding{deprecated_reused, "A", "b", "id 1", "c"});
  CHECK(holds(found(second, retyped), deprecated_reused, "A", "b"));
  CHECK(holds(found(first, renamed), field_renamed, "A", "b"));
  CHECK(holds(found(first, retyped), field_retyped, "A", "b"));
  // Deprecated anew under another name, it isn't the same either.
  CHECK(holds(found(second, "table A { a:int (id: 0); c:int (id: 1, deprecated); }"),
              deprecated_reused, "A", "b"));
  CHECK(found(second, second).empty());
}

TEST_CASE("bytes that are no schema are named, not read") {
  const Bytes nothing(64, 0xFF);
  const auto good = schema("table A { a:int; }");
  CHECK(breaks_between(nothing, good).front().owner == "the released one");
  CHECK(breaks_between(good, nothing).front().owner == "the present one");
  CHECK(breaks_between({}, good).front().what == not_a_schema);
}

TEST_CASE("a finding says where it is, what broke and what to do") {
  CHECK(to_text(only_one("table A { a:int = 1; }", "table A { a:int = 2; }")) ==
        "A.a has another default, so old bytes that leave it out change their meaning (was 1, is "
        "2): put it back, and give the changed meaning an event type of its own");
  CHECK(to_text(only_one("table A { a:int; } table B { b:int; }", "table A { a:int; }")) ==
        "B is deleted or renamed (was table, is nothing): put it back under its name; old bytes "
        "still hold it");
}

namespace {

using flatbuffers::FieldDef;
using flatbuffers::StructDef;

/// The schema in events/schema as flatc has it in memory, where anything can be done to it.
class WholeSchema {
 public:
  WholeSchema() {
    const auto envelope = (kSchemas / "envelope.fbs").string();
    const auto directory = kSchemas.string();
    std::string text;
    REQUIRE(flatbuffers::LoadFile(envelope.c_str(), false, &text));
    const char* includes[] = {directory.c_str(), nullptr};
    if (!parser_.Parse(text.c_str(), includes, envelope.c_str())) FAIL(parser_.error_);
  }

  /// Something that breaks, done to all tables and structs.
  using Break = std::function<void(StructDef&)>;
  /// The same, to the fields of all tables.
  using BreakField = std::function<void(const StructDef&, FieldDef&)>;
  WholeSchema& types(const Break& change) {
    for (auto* type : parser_.structs_.vec) change(*type);
    return *this;
  }
  WholeSchema& fields(const BreakField& change) {
    return types([&](StructDef& type) {
      if (type.fixed) return;
      for (auto* field : type.fields.vec) change(type, *field);
    });
  }
  WholeSchema& enums(const std::function<void(flatbuffers::EnumDef&)>& change) {
    for (auto* one : parser_.enums_.vec) change(*one);
    return *this;
  }
  /// What is broken now; each is looked for.
  void expect(SchemaBreak what, const std::string& owner, const std::string& member) {
    expected_.push_back({what, owner, member, "", ""});
  }
  void check_that_all_is_found() {
    CHECK(expected_.size() > 10);
    const auto findings = breaks_between(present_schema(), serialized(parser_));
    for (const auto& [what, owner, member, was, is] : expected_) {
      CAPTURE(owner, member);
      CHECK(holds(findings, what, owner, member));
    }
  }
  Bytes bytes() { return serialized(parser_); }

 private:
  flatbuffers::Parser parser_;
  Findings expected_;
};

bool is_scalar(const FieldDef& field) { return flatbuffers::IsScalar(field.value.type.base_type); }

/// The number beside a union's field; flatc makes it of the union.
bool is_type_of_union(const FieldDef& field) {
  return field.value.type.base_type == flatbuffers::BASE_TYPE_UTYPE;
}

}  // namespace

TEST_CASE("the files in events/schema are the schema that this program was built with") {
  WholeSchema schema;
  const auto bytes = schema.bytes();
  CHECK(breaks_between(bytes, present_schema()).empty());
  CHECK(growth_between(bytes, present_schema()).empty());
}

TEST_CASE("no field of the real schema can be renamed unseen") {
  WholeSchema schema;
  schema.fields([&](const StructDef& table, FieldDef& field) {
    schema.expect(field_renamed, table.name, field.name);
    field.name += "_";
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no field of the real schema can be deprecated unseen") {
  WholeSchema schema;
  schema.fields([&](const StructDef& table, FieldDef& field) {
    schema.expect(field_deprecated, table.name, field.name);
    field.deprecated = true;
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no field of the real schema can become required unseen") {
  WholeSchema schema;
  schema.fields([&](const StructDef& table, FieldDef& field) {
    if (is_scalar(field)) return;
    schema.expect(field_made_required, table.name, field.name);
    field.presence = FieldDef::kRequired;
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no field of the real schema can get another default unseen") {
  WholeSchema schema;
  schema.fields([&](const StructDef& table, FieldDef& field) {
    if (!is_scalar(field) || is_type_of_union(field)) return;
    schema.expect(default_changed, table.name, field.name);
    field.value.constant = field.value.constant == "1" ? "0" : "1";
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no field of the real schema can get another type unseen") {
  WholeSchema schema;
  schema.fields([&](const StructDef& table, FieldDef& field) {
    schema.expect(field_retyped, table.name, field.name);
    field.value.type = flatbuffers::Type(flatbuffers::BASE_TYPE_DOUBLE);
    field.value.constant = "0.0";
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no table of the real schema can lose its last field, and no struct a part, unseen") {
  WholeSchema schema;
  std::vector<std::unique_ptr<FieldDef>> taken;
  schema.types([&](StructDef& type) {
    const auto& last = taken.emplace_back(type.fields.vec.back())->name;
    schema.expect(type.fixed ? struct_changed : field_gone, type.name, type.fixed ? "" : last);
    type.fields.vec.pop_back();
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no table, struct, enum or union of the real schema can be renamed unseen") {
  WholeSchema schema;
  schema.types([&](StructDef& type) {
    schema.expect(type_gone, type.name, "");
    type.name += "_";
  });
  schema.enums([&](flatbuffers::EnumDef& one) {
    schema.expect(type_gone, one.name, "");
    one.name += "_";
  });
  schema.check_that_all_is_found();
}

TEST_CASE("no value and no member of the real schema can be renamed unseen") {
  WholeSchema schema;
  schema.enums([&](flatbuffers::EnumDef& one) {
    for (auto* value : one.Vals()) {
      schema.expect(one.is_union ? member_renamed : value_renamed, one.name, value->name);
      value->name += "_";
    }
  });
  schema.check_that_all_is_found();
}

TEST_CASE("the schema of this release", "[.write]") {
  const auto path =
      kReleased / (KLASBOEK_VERSION ".format" + std::to_string(events::kFrameFormat) + ".bfbs");
  INFO(path << " was released; another schema needs another version of the program");
  REQUIRE_FALSE(std::filesystem::exists(path));
  std::filesystem::create_directories(kReleased);
  std::ofstream file(path, std::ios::binary);
  const auto bytes = present_schema();
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

}  // namespace klasboek::tests
