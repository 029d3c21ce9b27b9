#include "api/roster_ids.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "projections/directory.h"

namespace klasboek::api::roster {

namespace {

namespace directory = projections::directory;
using vault::LookupClaim;
using vault::LookupKind;

/// What to do where a value leads to another id already.
enum class Standing : std::uint8_t {
  adopt,    // nobody is there under it yet, or a child that comes back: it is the one
  replace,  // somebody who is gone, or has another address now
  refuse    // somebody who is there
};

class Claims {
 public:
  Claims(const reactions::Node& node, events::SchoolId school, Day today)
      : node_(node), school_(school), today_(today), views_(node.shards.of(school).views()) {}

  /// A new thing under its value; `taken` gets the id that it has in the end.
  void claim_new(LookupKind kind, const std::string& value, const events::Uuid& id,
                 std::function<void(const events::Uuid&)> taken) {
    claims_.push_back({kind, value, id});
    taken_.push_back(std::move(taken));
  }

  /// Something that is there and had no such value until now.
  void claim_known(LookupKind kind, const std::string& value, const events::Uuid& id) {
    claim_new(kind, value, id, {});
  }

  std::expected<void, IdFault> settle() {
    auto standing = node_.vault.lookup().claim(school_, claims_);
    if (!standing) return std::unexpected(IdFault::vault_unavailable);
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < claims_.size(); ++i) {
      auto& claim = claims_[i];
      if ((*standing)[i] == claim.id) continue;
      switch (taken_[i] ? judge(claim.kind, (*standing)[i]) : Standing::replace) {
        case Standing::adopt:
          claim.id = (*standing)[i];
          break;
        case Standing::replace:
          again.push_back(i);
          break;
        case Standing::refuse:
          return std::unexpected(IdFault::school_changed);
      }
    }
    if (const auto replaced = replace(again); !replaced) return replaced;
    for (std::size_t i = 0; i < claims_.size(); ++i) {
      if (taken_[i]) taken_[i](claims_[i].id);
    }
    return {};
  }

 private:
  Standing judge(LookupKind kind, const events::Uuid& id) const {
    switch (kind) {
      case LookupKind::roster_group_key: {
        const auto row = directory::group(views_, school_, events::GroupId{id});
        if (!row) return Standing::adopt;
        return row->closed_after && *row->closed_after <= today_ ? Standing::replace
                                                                 : Standing::refuse;
      }
      case LookupKind::roster_pupil_key: {
        const auto row = directory::child(views_, school_, events::ChildId{id});
        const bool gone = row && row->enrolment.last_day && *row->enrolment.last_day <= today_;
        return !row || gone ? Standing::adopt : Standing::refuse;
      }
      case LookupKind::roster_staff_key: {
        const auto row = directory::account(views_, school_, events::AccountId{id});
        if (!row) return Standing::adopt;
        return row->closed_after && *row->closed_after < today_ ? Standing::replace
                                                                : Standing::refuse;
      }
      case LookupKind::email:
        // Whoever is there with this address was found by it when the plan was made.
        return directory::account(views_, school_, events::AccountId{id}) ? Standing::replace
                                                                          : Standing::adopt;
    }
    std::abort();
  }

  std::expected<void, IdFault> replace(const std::vector<std::size_t>& again) {
    if (again.empty()) return {};
    std::vector<LookupClaim> claims;
    for (const std::size_t i : again) {
      const auto forgotten =
          node_.vault.lookup().forget(school_, claims_[i].kind, claims_[i].value);
      // busy: done, and what may be left of it in the file is a keyed hash.
      if (!forgotten && forgotten.error() != vault::VaultFault::busy) {
        return std::unexpected(IdFault::vault_unavailable);
      }
      claims.push_back(claims_[i]);
    }
    const auto standing = node_.vault.lookup().claim(school_, claims);
    if (!standing) return std::unexpected(IdFault::vault_unavailable);
    const bool all_ours = std::ranges::equal(*standing, claims, {}, {}, &LookupClaim::id);
    if (!all_ours) return std::unexpected(IdFault::school_changed);
    return {};
  }

  const reactions::Node& node_;
  const events::SchoolId school_;
  const Day today_;
  const projections::ViewSnapshot views_;
  std::vector<LookupClaim> claims_;
  std::vector<std::function<void(const events::Uuid&)>> taken_;
};

LookupKind kind_of(const Recognised& item) {
  if (std::holds_alternative<events::GroupId>(item.id)) return LookupKind::roster_group_key;
  if (std::holds_alternative<events::ChildId>(item.id)) return LookupKind::roster_pupil_key;
  return LookupKind::roster_staff_key;
}

}  // namespace

std::expected<NewIds, IdFault> claim_ids(const reactions::Node& node, events::SchoolId school,
                                         Day today, const Plan& plan) {
  NewIds ids;
  Claims claims(node, school, today);
  for (const Recognised& item : plan.recognised) {
    std::visit([&](const auto& id) { claims.claim_known(kind_of(item), item.key, id.value); },
               item.id);
  }
  for (const GroupAdded& group : plan.groups_added) {
    claims.claim_new(
        LookupKind::roster_group_key, group.key, node.new_id<events::GroupId>().value,
        [&](const events::Uuid& id) { ids.groups.emplace(group.key, events::GroupId{id}); });
  }
  for (const ChildAdded& child : plan.children_added) {
    claims.claim_new(
        LookupKind::roster_pupil_key, child.key, node.new_id<events::ChildId>().value,
        [&](const events::Uuid& id) { ids.children.emplace(child.key, events::ChildId{id}); });
  }
  std::vector<std::string> staff_keys(plan.accounts_opened.size());
  for (const StaffPlanned& member : plan.staff) {
    if (!member.person.id) staff_keys[member.person.opened] = member.key;
  }
  ids.accounts.resize(plan.accounts_opened.size());
  for (std::size_t i = 0; i < plan.accounts_opened.size(); ++i) {
    const auto id = node.new_id<events::AccountId>();
    const auto taken = [&ids, i](const events::Uuid& final_id) {
      ids.accounts[i] = events::AccountId{final_id};
    };
    const std::string& email = plan.accounts_opened[i].email;
    if (!staff_keys[i].empty()) {
      claims.claim_new(LookupKind::roster_staff_key, staff_keys[i], id.value, taken);
    } else if (!email.empty()) {
      claims.claim_new(LookupKind::email, email, id.value, taken);
    } else {
      taken(id.value);
    }
  }
  if (const auto settled = claims.settle(); !settled) return std::unexpected(settled.error());
  return ids;
}

}  // namespace klasboek::api::roster
