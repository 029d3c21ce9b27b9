#pragma once
// Who may give which command, as a table: one row per command, and in it one grant per role with
// the scope within which it counts. decide.h reads it (refuse_actor); tests are generated from it.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/command.h"

namespace klasboek::aggregates {

/// How far a role reaches with a command.
enum class Scope : std::uint8_t {
  whole_school,
  /// The command's child is one of which the actor is a guardian; for a pupil, himself: the account
  /// of a pupil has the UUID of the child.
  own_child,
  /// As own_child, and the actor has parental authority as the office recorded it.
  own_child_with_authority,
  /// The actor works today with the class of the command's child, or with every group it names.
  own_class,
  /// The command is about the actor's own account.
  own_account,
  /// The actor wrote the command's post.
  own_post,
};

struct Grant {
  /// Role::none: every account of the school, by whatever role it acts.
  events::Role role = events::Role::none;
  Scope scope = Scope::whole_school;
};

struct Permission {
  /// As `RequestLeave`.
  std::string_view command;
  std::span<const Grant> grants;
  /// Not by a guardian of the command's child, whatever his role: nobody decides about his own.
  bool by_another_than_guardian = false;
  /// May be a step of a roster import.
  bool in_import = false;
  /// What a deputy's mandate must cover.
  events::MandatePower power = events::MandatePower::settings;
  /// Its place in events::CommandBody.
  std::size_t alternative = 0;
};

/// In the order of the alternatives of events::CommandBody.
std::span<const Permission> permissions();
const Permission& permission_of(const events::CommandBody& command);

}  // namespace klasboek::aggregates
