#pragma once
// Which ids the new groups, children and people of a plan get, and the roster keys that lead to
// them from now on.
//
// An id is drawn, not computed from the key, since ids stand readable in the log and mustn't tell
// what they were made of. What makes an import that was cut off come to the same ids again is that
// each is claimed in the vault under its key before anything is recorded: who claims first, has it.
// Only a guardian without an address has nothing to claim, and is recorded in one commit with the
// link by which the next import knows him.
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "api/roster_plan.h"
#include "reactions/node.h"

namespace klasboek::api::roster {

struct NewIds {
  std::map<std::string, events::GroupId> groups;    // by roster key
  std::map<std::string, events::ChildId> children;  // by roster key
  std::vector<events::AccountId> accounts;          // as Plan::accounts_opened
};

enum class IdFault : std::uint8_t {
  vault_unavailable,
  school_changed  // a key leads to somebody who wasn't there when the plan was made
};

/// Durable when it returns: also every key of Plan::recognised leads to its id. Asked again for the
/// same plan, or for what is left of it, it gives the same ids. Thread safe.
std::expected<NewIds, IdFault> claim_ids(const reactions::Node& node, events::SchoolId school,
                                         Day today, const Plan& plan);

}  // namespace klasboek::api::roster
