#include "api/roster_current.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "events/local_time.h"
#include "projections/directory.h"
#include "vault/email.h"

namespace klasboek::api::roster {

namespace {

namespace directory = projections::directory;
using vault::LookupKind;

/// Ids by what the file calls them.
using Keys = std::unordered_map<events::Uuid, std::string>;

std::set<std::string_view> pupil_keys(const RosterFile& file) {
  std::set<std::string_view> keys;
  for (const Pupil& pupil : file.pupils) keys.insert(pupil.key);
  for (const std::string& key : file.left_out_pupil_keys) keys.insert(key);
  for (const Guardian& guardian : file.guardians) keys.insert(guardian.child_key);
  return keys;
}

std::set<std::string_view> staff_keys(const RosterFile& file) {
  std::set<std::string_view> keys;
  for (const StaffMember& member : file.staff) keys.insert(member.key);
  for (const std::string& key : file.left_out_staff_keys) keys.insert(key);
  return keys;
}

std::set<std::string_view> group_keys(const RosterFile& file) {
  std::set<std::string_view> keys;
  for (const Group& group : file.groups) keys.insert(group.key);
  return keys;
}

/// Over already on that day, or with no day after it.
bool is_over(const std::optional<Day>& last_day, Day today) {
  return last_day && *last_day <= today;
}

class SchoolReading {
 public:
  SchoolReading(const reactions::Node& node, events::SchoolId school, Day today)
      : node_(node), school_(school), today_(today), views_(node.shards.of(school).views()) {}

  std::expected<CurrentRoster, CurrentFault> read(const RosterFile& file) {
    const Keys groups = ids_of(LookupKind::roster_group_key, group_keys(file));
    const Keys children = ids_of(LookupKind::roster_pupil_key, pupil_keys(file));
    const Keys staff = ids_of(LookupKind::roster_staff_key, staff_keys(file));
    CurrentRoster current;
    read_groups(groups, current);
    read_children(children, current);
    read_accounts(staff, current);
    if (fault_) return std::unexpected(*fault_);
    return current;
  }

 private:
  Keys ids_of(LookupKind kind, const std::set<std::string_view>& keys) {
    Keys ids;
    for (const std::string_view key : keys) {
      if (key.empty()) continue;
      const auto id = node_.vault.lookup().find(school_, kind, key);
      if (!id) {
        fault_ = CurrentFault::vault_unavailable;
      } else if (*id) {
        ids.emplace(**id, key);
      }
    }
    return ids;
  }

  static std::string key_of(const Keys& keys, const events::Uuid& id) {
    const auto found = keys.find(id);
    return found == keys.end() ? std::string() : found->second;
  }

  /// nullopt where there is none, or it was erased.
  std::optional<std::string> opened(const std::optional<projections::SealedText>& text) {
    if (!text) return std::nullopt;
    auto plain = node_.vault.unseal(school_, text->command, text->sealed);
    if (plain) return *std::move(plain);
    switch (plain.error()) {
      case vault::UnsealFault::erased:
        return std::nullopt;
      case vault::UnsealFault::unavailable:
        fault_ = CurrentFault::vault_unavailable;
        return std::nullopt;
      case vault::UnsealFault::key_missing:
      case vault::UnsealFault::damaged:
        fault_ = CurrentFault::text_unreadable;
        return std::nullopt;
    }
    std::abort();
  }

  PersonName name_of(const std::optional<projections::SealedText>& text) {
    const auto plain = opened(text);
    return plain ? person_name_of(*plain) : PersonName{};
  }

  void read_groups(const Keys& keys, CurrentRoster& current) {
    for (const auto& row : directory::groups(views_, school_)) {
      if (is_over(row.closed_after, today_)) continue;
      current.groups.push_back({.id = row.id,
                                .key = key_of(keys, row.id.value),
                                .name = opened(row.name).value_or(""),
                                .kind = row.kind});
      for (const auto& assignment : row.staff) {
        const bool holds = !assignment.term.last_day || *assignment.term.last_day >= today_;
        if (holds) taught_[assignment.account].push_back(row.id);
      }
    }
  }

  void read_children(const Keys& keys, CurrentRoster& current) {
    for (const auto& row : directory::children(views_, school_)) {
      if (is_over(row.enrolment.last_day, today_)) continue;
      CurrentChild child{.id = row.id, .key = key_of(keys, row.id.value)};
      const auto name = opened(row.name);
      if (name) child.name = person_name_of(*name);
      if (const auto day = opened(row.birth_day)) child.birth_day = events::parse_day(*day);
      child.class_group = row.class_on(std::max(today_, row.enrolment.first_day));
      for (const auto& link : row.guardians) {
        child.guardians.push_back({.guardian = link.guardian,
                                   .relation = link.relation,
                                   .authority = link.authority,
                                   .household = link.household,
                                   .contact_order = link.contact_order});
      }
      // Whose last day is settled, and who was erased, doesn't leave because of a file either.
      child.entered_by_hand = row.enrolment.last_day.has_value() || !name || is_by_hand(child);
      current.children.push_back(std::move(child));
    }
  }

  bool is_by_hand(const CurrentChild& child) {
    if (!child.key.empty()) return false;
    const auto known = node_.vault.lookup().is_known(child.id.value);
    if (!known) fault_ = CurrentFault::vault_unavailable;
    return !known || !*known;
  }

  void read_accounts(const Keys& keys, CurrentRoster& current) {
    for (const auto& row : directory::accounts(views_, school_)) {
      if (row.closed_after && *row.closed_after < today_) continue;
      CurrentAccount account{.id = row.id, .name = name_of(row.name)};
      if (const auto contact = opened(row.contact)) {
        auto card = contact_card_of(*contact);
        account.email = vault::normalise_email(card.email).value_or("");
        account.phones = std::move(card.phones);
      }
      account.staff_key = key_of(keys, row.id.value);
      for (const auto& role : row.roles) {
        if (!role.term.last_day || *role.term.last_day >= today_)
          account.roles.push_back(role.role);
      }
      if (const auto taught = taught_.find(row.id); taught != taught_.end()) {
        account.taught_groups = taught->second;
      }
      current.accounts.push_back(std::move(account));
    }
  }

  const reactions::Node& node_;
  const events::SchoolId school_;
  const Day today_;
  const projections::ViewSnapshot views_;
  std::unordered_map<events::AccountId, std::vector<events::GroupId>> taught_;
  std::optional<CurrentFault> fault_;
};

}  // namespace

std::optional<Day> school_day(const reactions::Node& node, events::SchoolId school) {
  const auto row = directory::school(node.shards.of(school).views(), school);
  if (!row) return std::nullopt;
  return events::local_time(row->time_zone, node.now_us()).day;
}

std::expected<CurrentRoster, CurrentFault> read_current(const reactions::Node& node,
                                                        events::SchoolId school, Day today,
                                                        const RosterFile& file) {
  return SchoolReading(node, school, today).read(file);
}

}  // namespace klasboek::api::roster
