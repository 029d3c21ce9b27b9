#pragma once
// What between two binary schemas (.bfbs, FlatBuffers' reflection) makes bytes written by the one
// unreadable, or readable as something else, by the other. `flatc --conform` lets most of it pass.
// Tests hold the present schema against every one in events/schema/released.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace klasboek::tests {

/// What is broken. A name is part of the schema as much as a number: it is the public name of the
/// event, in exports and in the program's own interface.
enum class SchemaBreak : std::uint8_t {
  not_a_schema,
  root_changed,
  identifier_changed,
  type_gone,  // a table, struct, enum or union that is deleted or renamed
  kind_changed,
  struct_changed,
  field_gone,
  field_renamed,
  field_moved,
  field_retyped,
  default_changed,
  field_made_required,
  required_field_added,
  field_deprecated,
  deprecated_reused,
  value_gone,
  value_renamed,
  value_renumbered,
  member_gone,
  member_renamed,
  member_renumbered,
  member_retyped,
  format_not_raised,
};

/// One thing that is wrong: of which table or enum (`LeaveRequested`), which field or value of it
/// (`ground`, empty where it is all of it), and what it was and is.
struct SchemaFinding {
  SchemaBreak what = SchemaBreak::not_a_schema;
  std::string owner;
  std::string member;
  std::string was;
  std::string is;
  bool operator==(const SchemaFinding&) const = default;
};

/// Where it is, what broke, and the remedy, in one line.
std::string to_text(const SchemaFinding& finding);

using BinarySchema = std::span<const std::uint8_t>;

/// What bytes written by `released` lose when they are read by `present`; empty where nothing.
std::vector<SchemaFinding> breaks_between(BinarySchema released, BinarySchema present);

/// What `present` can write and `released` can't: each is a format_not_raised where both are of one
/// frame format, since a program of the older schema would take such a frame for one of its own.
std::vector<SchemaFinding> growth_between(BinarySchema released, BinarySchema present);

}  // namespace klasboek::tests
