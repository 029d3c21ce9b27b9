#pragma once
// A school in memory that carries out plans, so that tests can import one file after another.

#include <string>

#include "api/roster_plan.h"

namespace klasboek::tests {

class RosterSchool {
 public:
  const api::roster::CurrentRoster& current() const { return current_; }
  api::roster::CurrentRoster& current() { return current_; }

  /// All changes of a plan, none of its proposals. Throws where an item speaks of something that
  /// isn't there.
  void apply(const api::roster::Plan& plan);
  /// What a director would confirm.
  void accept(const api::roster::Proposal& proposal);

  /// Throws where there is none.
  api::roster::CurrentChild& child(const std::string& key);
  api::roster::CurrentAccount& account(const std::string& email);
  api::roster::CurrentGroup& group(const std::string& key);
  /// The link of the account with this address to this child.
  api::roster::CurrentLink& link(const std::string& child_key, const std::string& email);

 private:
  events::Uuid next_id();
  events::GroupId group_id(const api::roster::GroupRef& group) const;
  api::roster::CurrentChild& child(const api::roster::ChildRef& child);
  events::AccountId account_id(const api::roster::PersonRef& person) const;
  api::roster::CurrentAccount& account(events::AccountId id);

  api::roster::CurrentRoster current_;
  std::vector<events::AccountId> opened_;  // by the plan that is being applied
  std::uint64_t last_id_ = 0;
};

}  // namespace klasboek::tests
