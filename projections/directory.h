#pragma once
// The directory: who and what there is in a school now: settings, groups, children, accounts, and
// who belongs with whom. Names stay sealed; they are opened and sorted when a page is made.
//
// Keys, within the school:
//   s                       SchoolRow
//   p purpose               PurposeRow
//   g group                 GroupRow
//   c child                 ChildRow
//   a account               AccountRow
//   i invitation            account that was invited, or asked for a new password
//   m group child           (empty) was ever placed there
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "events/event.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::directory {

inline constexpr std::string_view kName = "directory";

struct SchoolRow {
  std::string name;
  std::string time_zone;
  std::vector<events::SchoolDay> days;
  /// By first day.
  std::map<events::Day, events::SchoolYearSet> years;
  std::uint16_t posting_opens_minute = 8 * 60;
  std::uint16_t posting_closes_minute = 17 * 60;
  events::SilencePolicy one_household = events::SilencePolicy::one_yes_counts;
  events::SilencePolicy two_households = events::SilencePolicy::all_must_answer;
  /// Staff log in with a one-time code too.
  bool staff_codes = false;
  std::uint64_t version = 0;
};

struct PurposeRow {
  events::PurposeId id;
  std::string code;
  std::uint32_t notice_version = 0;
  std::vector<events::NoticeText> texts;
};

/// Somebody belongs with something from a day, until a day or further notice.
struct Term {
  events::Day first_day;
  std::optional<events::Day> last_day;
  [[nodiscard]] bool holds_on(events::Day day) const {
    return first_day <= day && (!last_day || day <= *last_day);
  }
};

struct Assignment {
  events::AccountId account;
  Term term;
};

struct GroupRow {
  events::GroupId id;
  std::optional<SealedText> name;
  events::GroupKind kind = events::GroupKind::class_group;
  std::optional<events::Day> closed_after;
  std::vector<Assignment> staff;
  std::uint64_t version = 0;
};

struct GuardianLink {
  events::AccountId guardian;
  events::Relation relation = events::Relation::unknown;
  events::Authority authority = events::Authority::unknown;
  std::uint8_t household = 1;
  std::uint8_t contact_order = 1;
  /// Nothing of the child may reach this guardian.
  bool shielded = false;
};

struct Placement {
  events::GroupId group;
  events::Day first_day;
};

struct ChildRow {
  events::ChildId id;
  std::optional<SealedText> name;
  std::optional<SealedText> birth_day;
  /// The one that counts now: a child may leave and come back.
  Term enrolment;
  /// Of this enrolment, by first day; the last that began is the class.
  std::vector<Placement> placements;
  std::vector<GuardianLink> guardians;
  std::uint64_t version = 0;

  /// The class on that day; nullopt before the first placement and after leaving.
  [[nodiscard]] std::optional<events::GroupId> class_on(events::Day day) const;
  /// nullptr also where the child is shielded from that account.
  [[nodiscard]] const GuardianLink* guardian(events::AccountId account) const;
  /// The link as the school keeps it, shielded or not.
  [[nodiscard]] const GuardianLink* link_of(events::AccountId account) const;
};

struct RoleTerm {
  events::Role role = events::Role::none;
  Term term;
  /// Of a deputy: what his mandate covers; nullopt: all of it.
  std::optional<std::vector<events::MandatePower>> powers = std::nullopt;
};

/// What an auditor may read: all of the school where child is zero, else of that child.
struct AuditGrant {
  events::ChildId child;
  Term term;
  bool readable_text = false;
  std::optional<SealedText> purpose;
};

struct AccountRow {
  events::AccountId id;
  std::optional<SealedText> name;
  std::optional<SealedText> contact;
  std::vector<RoleTerm> roles;
  std::vector<AuditGrant> audit_grants;
  /// Of whom this account is a guardian, but for those who are shielded from it.
  std::vector<events::ChildId> children;
  /// And those.
  std::vector<events::ChildId> shielded_children;
  /// With which groups this account works or worked.
  std::vector<events::GroupId> groups;
  bool invited = false;
  bool admitted = false;
  bool blocked = false;
  std::int64_t blocked_until_us = 0;
  std::optional<events::Day> closed_after;
  std::int64_t sessions_not_before_us = 0;
  std::uint64_t version = 0;

  [[nodiscard]] bool holds_role(events::Role role, events::Day day) const;
  /// The grant by which the account may read of this child on that day (zero: of the whole school);
  /// nullptr: there is none. A grant for the school covers every child.
  [[nodiscard]] const AuditGrant* audit_grant(events::ChildId child, events::Day day) const;
  /// Not closed on that day, not blocked at that moment.
  [[nodiscard]] bool is_active(events::Day day, std::int64_t now_us) const;
};

/// Rows as they are in a snapshot; nullopt where there is none.
std::optional<SchoolRow> school(const ViewSnapshot& views, events::SchoolId school);
std::optional<PurposeRow> purpose(const ViewSnapshot& views, events::SchoolId school,
                                  events::PurposeId id);
std::vector<PurposeRow> purposes(const ViewSnapshot& views, events::SchoolId school);
std::optional<GroupRow> group(const ViewSnapshot& views, events::SchoolId school,
                              events::GroupId id);
std::vector<GroupRow> groups(const ViewSnapshot& views, events::SchoolId school);
std::optional<ChildRow> child(const ViewSnapshot& views, events::SchoolId school,
                              events::ChildId id);
std::vector<ChildRow> children(const ViewSnapshot& views, events::SchoolId school);
/// Who is in the group on that day (in a whole-school group: everybody enrolled), in the order of
/// their ids.
std::vector<ChildRow> children_of(const ViewSnapshot& views, events::SchoolId school,
                                  events::GroupId group, events::Day day);
std::optional<AccountRow> account(const ViewSnapshot& views, events::SchoolId school,
                                  events::AccountId id);
std::vector<AccountRow> accounts(const ViewSnapshot& views, events::SchoolId school);
std::optional<events::AccountId> invited_account(const ViewSnapshot& views, events::SchoolId school,
                                                 events::InvitationId invitation);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::directory
