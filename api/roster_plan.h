#pragma once
// What an import would do, before it does it: the difference between a roster file and the school
// as it is. A plan holds names, since it is shown to the office whose file it is; its problems hold
// none. Everything here is pure, and safe from any thread.
//
// A plan grants and takes away nothing that power rests on: director and deputy, parental authority
// that stands already, and everything that would end somebody's access are proposals, which people
// decide on one by one. Its changes, applied, leave nothing to change for the same file.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "api/roster_file.h"
#include "events/ids.h"

namespace klasboek::events::wire {
enum class GroupKind : std::uint8_t;
enum class Role : std::uint8_t;
}  // namespace klasboek::events::wire

namespace klasboek::api::roster {

using events::wire::GroupKind;
using events::wire::Role;

// The school as it is, unsealed. Roster keys are those by which the vault knows an id; whoever
// fills this looks up every key that the file mentions (also of pupils and staff left out). An id
// that no key of the file leads to has an empty key.

struct CurrentGroup {
  events::GroupId id;
  std::string key = {};
  std::string name = {};
  GroupKind kind{};
};

struct CurrentLink {
  events::AccountId guardian;
  Relation relation{};
  Authority authority{};
  std::uint8_t household = 1;      // from 1; the same number is the same household
  std::uint8_t contact_order = 1;  // from 1, in the order of calling
};

struct CurrentChild {
  events::ChildId id;
  std::string key = {};
  PersonName name = {};
  std::optional<Day> birth_day = {};
  std::optional<events::GroupId> class_group = {};
  std::vector<CurrentLink> guardians = {};
  bool entered_by_hand = false;  // never came from a file: absent in one, it has not left
};

struct CurrentAccount {
  events::AccountId id;
  PersonName name = {};
  std::string email = {};  // normalised
  std::vector<std::string> phones = {};
  std::string staff_key = {};
  std::vector<Role> roles = {};                     // that hold now
  std::vector<events::GroupId> taught_groups = {};  // assignments that hold now
};

/// Who and what there is now: enrolled children, open groups, open accounts.
struct CurrentRoster {
  std::vector<CurrentGroup> groups;
  std::vector<CurrentChild> children;
  std::vector<CurrentAccount> accounts;
};

struct PlanOptions {
  /// More leavers than this share of the pupils are to be confirmed by their number.
  unsigned leavers_percent_max = 10;
};

// References from the plan's items: to what is there, or to what the plan makes.

struct GroupRef {
  std::optional<events::GroupId> id = {};
  std::string key = {};
  std::string name = {};
};
struct ChildRef {
  std::optional<events::ChildId> id = {};
  std::string key = {};
  PersonName name = {};
};
struct PersonRef {
  std::optional<events::AccountId> id = {};
  std::size_t opened = 0;  // where id is empty: index in Plan::accounts_opened
  PersonName name = {};
};

struct GroupAdded {
  std::string key;
  std::string name;
  Where where;
};
struct GroupRenamed {
  GroupRef group;  // with the name until now
  std::string name;
  Where where;
};
struct ChildAdded {
  std::string key;
  PersonName name;
  std::optional<Day> birth_day;
  std::optional<GroupRef> class_group;
  Where where;
};
/// Only what is set changes.
struct ChildCorrected {
  ChildRef child;  // with the name until now
  std::optional<PersonName> name;
  std::optional<Day> birth_day;
  Where where;
};
struct ChildMoved {
  ChildRef child;
  std::optional<GroupRef> from;
  GroupRef to;
  Where where;
};
struct ChildLeft {
  ChildRef child;
  std::optional<GroupRef> from;
};
struct AccountOpened {
  PersonName name;
  std::string email;  // empty: to be invited by letter
  std::vector<std::string> phones;
  Where where;
};
/// Only what is set changes.
struct AccountCorrected {
  PersonRef person;  // with the name until now
  std::optional<PersonName> name;
  std::optional<std::string> email;
  std::optional<std::vector<std::string>> phones;
  Where where;
};
struct GuardianLinked {
  ChildRef child;
  PersonRef guardian;
  Relation relation{};
  Authority authority{};
  std::uint8_t household = 1;
  std::uint8_t contact_order = 1;
  Where where;
};
/// Relation, household and order of calling as they shall be; never the authority.
struct GuardianChanged {
  ChildRef child;
  PersonRef guardian;
  Relation relation{};
  std::uint8_t household = 1;
  std::uint8_t contact_order = 1;
  Where where;
};
/// Roles and assignments that somebody gets who hasn't got them. `key` is the staff key of the
/// file.
struct StaffPlanned {
  PersonRef person;
  std::string key;
  bool is_new = false;  // no role and no assignment until now
  std::vector<Role> roles;
  std::vector<GroupRef> groups;
  Where where;
};

enum class ProposalKind : std::uint8_t {
  give_role,         // director or deputy
  record_authority,  // of a guardian who is linked already, or to a child that has guardians
  unlink_guardian,   // the file names other guardians of this child
  end_role,          // the file has this person without it
  end_assignment,    // the file has this person before other classes
  staff_left,        // the file doesn't have this person any more
};

/// What a person has to decide. What a kind doesn't speak of is empty.
struct Proposal {
  ProposalKind kind = ProposalKind::give_role;
  PersonRef person = {};
  std::optional<ChildRef> child = {};
  std::optional<GroupRef> group = {};
  Role role{};
  Authority authority{};
  Where where = {};  // line 0 where it is the absence that speaks
};

/// Known until now without this key, and recognised by name (a child: and birth day; staff: by
/// address). The key is to lead to the id from now on.
struct Recognised {
  std::string key;
  std::variant<events::GroupId, events::ChildId, events::AccountId> id;
  Where where;
};

/// So many would leave that somebody has to say the number.
struct Confirmation {
  std::size_t leavers = 0;
  std::size_t children = 0;                 // in the school now
  std::vector<GroupRef> groups_left_whole;  // groups all of whose children would leave
  bool keys_missing = false;  // pupils without key may be among those who seem to leave
};

struct Plan {
  std::vector<Recognised> recognised;
  std::vector<GroupAdded> groups_added;
  std::vector<GroupRenamed> groups_renamed;
  std::vector<ChildAdded> children_added;
  std::vector<ChildCorrected> children_corrected;
  std::vector<ChildMoved> children_moved;
  std::vector<ChildLeft> children_left;
  std::vector<GroupRef> groups_closed;
  std::vector<AccountOpened> accounts_opened;
  std::vector<AccountCorrected> accounts_corrected;
  std::vector<StaffPlanned> staff;
  std::vector<GuardianLinked> guardians_linked;
  std::vector<GuardianChanged> guardians_changed;
  std::vector<Proposal> proposals;
  std::size_t children_unchanged = 0;
  std::optional<Confirmation> requires_confirmation;
  std::vector<Problem> problems;
};

/// REQUIRES: `wanted` comes from a reading that refuses nothing (`refuses_file`).
/// Deterministic: the same arguments give the same plan, item by item.
Plan make_plan(const RosterFile& wanted, const CurrentRoster& current,
               const PlanOptions& options = {});

/// True if applying it would change nothing; proposals may be open still.
bool changes_nothing(const Plan& plan);

/// True if the plan may be applied: nothing is to be confirmed, or `leavers` is the number.
bool is_confirmed(const Plan& plan, std::optional<std::size_t> leavers);

/// For people, several lines, each ended by LF: what would change, what is proposed, what is to be
/// confirmed. Without the problems.
std::string render_plan(const Plan& plan, Language language);

/// One JSON object: counts, lists under the names of the members of Plan, problems with code,
/// severity, file, line, and message and remedy in that language. `reading` are the problems of the
/// files; they come first.
std::string to_json(const Plan& plan, std::span<const Problem> reading, Language language);

}  // namespace klasboek::api::roster
