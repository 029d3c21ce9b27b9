// Whether the actor may give a command: the table of permissions.h against what the log says today.
#include <algorithm>
#include <variant>

#include "aggregates/account.h"
#include "aggregates/calendar.h"
#include "aggregates/child.h"
#include "aggregates/decide.h"
#include "aggregates/group.h"
#include "aggregates/permissions.h"
#include "aggregates/post.h"
#include "aggregates/school.h"

namespace klasboek::aggregates {

namespace {

using events::Role;

events::ChildId child_in(const events::CommandBody& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.child; }) {
          return c.child;
        } else {
          return events::ChildId{};
        }
      },
      command);
}

events::AccountId account_in(const events::CommandBody& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.account; }) {
          return c.account;
        } else {
          return events::AccountId{};
        }
      },
      command);
}

events::PostId post_in(const events::CommandBody& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.post; }) {
          return c.post;
        } else {
          return events::PostId{};
        }
      },
      command);
}

/// The operator and the program itself have no account.
bool is_without_account(Role role) { return role == Role::operator_ || role == Role::system; }

/// Staff record what another person said; who speaks for himself speaks for nobody else.
bool speaks_for_himself(Role role) {
  return role == Role::none || role == Role::guardian || role == Role::pupil;
}

const Grant* grant_for(const Permission& permission, Role role) {
  const auto found = std::ranges::find_if(permission.grants, [&](const Grant& grant) {
    return grant.role == role || grant.role == Role::none;
  });
  return found == permission.grants.end() ? nullptr : &*found;
}

/// One question about one actor, one command and one day.
class Asked {
 public:
  Asked(const events::CommandBody& command, Facts& facts, const Context& context)
      : command_(command), facts_(facts), context_(context), actor_(context.actor) {}

  std::optional<Rejection> refused() {
    const Permission& permission = permission_of(command_);
    const Grant* grant = grant_for(permission, actor_.role);
    if (is_without_account(actor_.role) && actor_.account.is_zero()) {
      return grant == nullptr ? std::optional(Rejection::role_not_sufficient) : std::nullopt;
    }
    today_ = today(facts_.school(), context_.now_us);
    if (!account::is_active(facts_.account(actor_.account), today_, context_.now_us)) {
      return Rejection::account_not_active;
    }
    const bool open_to_all = grant != nullptr && grant->role == Role::none;
    if (!open_to_all && !holds_role()) return Rejection::role_not_held;
    if (grant == nullptr) return Rejection::role_not_sufficient;
    if (actor_.role == Role::deputy && !open_to_all &&
        !account::mandate_covers(facts_.account(actor_.account), permission.power, today_)) {
      return Rejection::mandate_does_not_cover;
    }
    if (const auto refused = out_of(grant->scope)) return refused;
    if (!actor_.on_behalf_of.is_zero() && speaks_for_himself(actor_.role)) {
      return Rejection::not_own_account;
    }
    if (permission.by_another_than_guardian && is_guardian()) {
      return Rejection::own_child_is_decided_by_another;
    }
    return std::nullopt;
  }

 private:
  /// Guardians hold their role by their children: what they ask for is about one of these.
  bool holds_role() {
    return actor_.role == Role::guardian || actor_.role == Role::none ||
           account::holds_role(facts_.account(actor_.account), actor_.role, today_);
  }

  const child::State& child() { return facts_.child(child_in(command_)); }
  bool is_guardian() { return child::guardian_of(child(), actor_.account) != nullptr; }

  std::optional<Rejection> out_of(Scope scope) {
    switch (scope) {
      case Scope::whole_school:
        return std::nullopt;
      case Scope::own_child:
        return is_own_child() ? std::nullopt : std::optional(Rejection::not_own_child);
      case Scope::own_child_with_authority:
        if (!is_own_child()) return Rejection::not_own_child;
        if (!child::has_authority(child(), actor_.account)) {
          return Rejection::guardian_has_no_authority;
        }
        return std::nullopt;
      case Scope::own_class:
        return is_own_class() ? std::nullopt : std::optional(Rejection::not_own_class);
      case Scope::own_account:
        if (account_in(command_) == actor_.account) return std::nullopt;
        return Rejection::not_own_account;
      case Scope::own_post:
        return is_own_post() ? std::nullopt : std::optional(Rejection::not_own_post);
    }
    return Rejection::role_not_sufficient;
  }

  bool is_own_child() {
    if (actor_.role == Role::pupil) return child_in(command_).value == actor_.account.value;
    return is_guardian() && !child::is_shielded_from(child(), actor_.account);
  }

  bool works_with(const events::GroupId& group) {
    return group::is_assigned(facts_.group(group), actor_.account, today_);
  }

  bool is_own_class() {
    if (const auto* post = std::get_if<events::PublishPost>(&command_)) {
      return std::ranges::all_of(post->groups,
                                 [&](const auto& group) { return works_with(group); });
    }
    const auto group = child::class_on(child(), today_);
    return group && works_with(*group);
  }

  /// A post that isn't there is nobody's, and the rules of posts say so.
  bool is_own_post() {
    const auto& post = facts_.post(post_in(command_));
    return !post.published || post.author == actor_.account;
  }

  const events::CommandBody& command_;
  Facts& facts_;
  const Context& context_;
  const events::Actor& actor_;
  events::Day today_;
};

}  // namespace

std::optional<Rejection> refuse_actor(const events::CommandBody& command, Facts& facts,
                                      const Context& context) {
  const bool founding = std::holds_alternative<events::FoundSchool>(command);
  if (!facts.school().founded) {
    if (!founding) return Rejection::school_not_found;
    // There is nobody yet but the operator.
    if (context.actor.role != Role::operator_ || !context.actor.account.is_zero()) {
      return Rejection::role_not_sufficient;
    }
  }
  return Asked(command, facts, context).refused();
}

}  // namespace klasboek::aggregates
