#include "api/roster_steps.h"

#include <algorithm>
#include <map>
#include <set>

namespace klasboek::api::roster {

namespace {

namespace directory = projections::directory;
using Built = std::expected<events::CommandBody, vault::VaultFault>;

/// Of a step without its texts: header and body of the event, command, and the conditions on its
/// streams and keys.
constexpr std::size_t kStepBytes = 900;

events::SubjectRef subject_of(events::GroupId id) { return {events::SubjectKind::group, id.value}; }
events::SubjectRef subject_of(events::ChildId id) { return {events::SubjectKind::child, id.value}; }
events::SubjectRef subject_of(events::AccountId id) {
  return {events::SubjectKind::account, id.value};
}

/// A text that is sealed under its subject's key when its commit is made; without one, no text.
struct Text {
  events::SubjectRef subject;
  std::optional<std::string> plain;

  [[nodiscard]] std::size_t bytes() const { return plain ? plain->size() : 0; }
  [[nodiscard]] std::expected<std::uint16_t, vault::VaultFault> seal(vault::Sealer& sealer) const {
    return sealer.seal_optional(subject, events::RetentionClass::identity_attendance, plain);
  }
};

class StepList {
 public:
  StepList(const Plan& plan, const NewIds& ids, const StepSources& sources, const StepDays& days)
      : plan_(plan), ids_(ids), sources_(sources), days_(days) {
    for (const CurrentAccount& account : sources.current.accounts) {
      accounts_.emplace(account.id, &account);
    }
  }

  std::vector<Step> make() {
    groups();
    children();
    closings();
    new_people();
    known_people();
    return std::move(steps_);
  }

 private:
  void add(const events::CommandBody& command) {
    steps_.push_back({[command](vault::Sealer&) -> Built { return command; }, kStepBytes, false});
  }

  /// A command with two texts, whose slots `fill` puts into it.
  template <class Command, class Fill>
  void add_sealed(Command command, Text first, Text second, Fill fill) {
    const std::size_t bytes = kStepBytes + first.bytes() + second.bytes();
    auto build = [command = std::move(command), first = std::move(first),
                  second = std::move(second), fill](vault::Sealer& sealer) -> Built {
      const auto first_slot = first.seal(sealer);
      if (!first_slot) return std::unexpected(first_slot.error());
      const auto second_slot = second.seal(sealer);
      if (!second_slot) return std::unexpected(second_slot.error());
      Command filled = command;
      fill(filled, *first_slot, *second_slot);
      return filled;
    };
    steps_.push_back({std::move(build), bytes, false});
  }

  template <class Command>
  void add_named(Command command, events::GroupId group, const std::string& name) {
    command.group = group;
    add_sealed(std::move(command), {subject_of(group), name}, {},
               [](Command& c, std::uint16_t slot, std::uint16_t) { c.name = slot; });
  }

  events::GroupId id_of(const GroupRef& group) const {
    return group.id ? *group.id : ids_.groups.at(group.key);
  }
  events::ChildId id_of(const ChildRef& child) const {
    return child.id ? *child.id : ids_.children.at(child.key);
  }
  events::AccountId id_of(const PersonRef& person) const {
    return person.id ? *person.id : ids_.accounts.at(person.opened);
  }
  std::optional<directory::ChildRow> row_of(events::ChildId id) const {
    return directory::child(sources_.views, sources_.school, id);
  }

  void groups() {
    for (const GroupAdded& group : plan_.groups_added) {
      events::FoundGroup command;
      command.kind = events::GroupKind::class_group;
      add_named(std::move(command), ids_.groups.at(group.key), group.name);
    }
    for (const GroupRenamed& group : plan_.groups_renamed) {
      add_named(events::RenameGroup{}, id_of(group.group), group.name);
    }
  }

  void children() {
    for (const ChildAdded& child : plan_.children_added) enrol(child);
    for (const ChildCorrected& child : plan_.children_corrected) correct(child);
    for (const ChildMoved& child : plan_.children_moved) {
      const auto row = row_of(id_of(child.child));
      events::PlaceChild command;
      command.child = id_of(child.child);
      command.group = id_of(child.to);
      command.first_day = row ? std::max(days_.today, row->enrolment.first_day) : days_.today;
      add(command);
    }
    for (const ChildLeft& child : plan_.children_left) {
      const auto row = row_of(id_of(child.child));
      const Day yesterday = days_.today.plus(-1);
      events::RecordLeaver command;
      command.child = id_of(child.child);
      command.last_day = row ? std::max(yesterday, row->enrolment.first_day) : yesterday;
      add(command);
    }
  }

  void enrol(const ChildAdded& child) {
    events::EnrolChild command;
    command.child = ids_.children.at(child.key);
    command.first_day = days_.enrolled_from;
    if (child.class_group) command.group = id_of(*child.class_group);
    if (const auto before = row_of(command.child)) {
      returning_.emplace(command.child, *before);
      const Day after = before->enrolment.last_day.value_or(days_.today).plus(1);
      command.first_day = std::max(days_.enrolled_from, after);
    }
    const auto subject = subject_of(command.child);
    Text birth_day{subject, {}};
    if (child.birth_day) birth_day.plain = events::to_text(*child.birth_day);
    add_sealed(std::move(command), {subject, to_text(child.name)}, std::move(birth_day),
               kNameAndBirth);
  }

  void correct(const ChildCorrected& child) {
    events::CorrectChild command;
    command.child = id_of(child.child);
    Text name{subject_of(command.child), {}};
    if (child.name) name.plain = to_text(*child.name);
    Text birth_day{subject_of(command.child), {}};
    if (child.birth_day) birth_day.plain = events::to_text(*child.birth_day);
    add_sealed(std::move(command), std::move(name), std::move(birth_day), kNameAndBirth);
  }

  void closings() {
    for (const GroupRef& group : plan_.groups_closed) {
      const auto row = directory::group(sources_.views, sources_.school, id_of(group));
      if (row && row->closed_after) continue;  // on a later day that somebody set
      events::CloseGroup command;
      command.group = id_of(group);
      command.last_day = days_.today.plus(-1);
      add(command);
    }
  }

  /// With each new account comes all that it is for.
  void new_people() {
    std::vector<std::vector<const StaffPlanned*>> staff(plan_.accounts_opened.size());
    for (const StaffPlanned& item : plan_.staff) {
      if (!item.person.id) staff[item.person.opened].push_back(&item);
    }
    std::vector<std::vector<const GuardianLinked*>> links(plan_.accounts_opened.size());
    for (const GuardianLinked& item : plan_.guardians_linked) {
      if (!item.guardian.id) links[item.guardian.opened].push_back(&item);
    }
    for (std::size_t i = 0; i < plan_.accounts_opened.size(); ++i) {
      const std::size_t begin = steps_.size();
      open(ids_.accounts.at(i), plan_.accounts_opened[i]);
      for (const auto* item : staff[i]) employ(*item);
      for (const auto* item : links[i]) link(*item);
      for (std::size_t n = begin + 1; n < steps_.size(); ++n) steps_[n].joins = true;
    }
  }

  void known_people() {
    for (const AccountCorrected& item : plan_.accounts_corrected) correct(item);
    for (const StaffPlanned& item : plan_.staff) {
      if (item.person.id) employ(item);
    }
    for (const GuardianLinked& item : plan_.guardians_linked) {
      if (item.guardian.id) link(item);
    }
    for (const GuardianChanged& item : plan_.guardians_changed) {
      events::ChangeGuardianRelation command;
      command.child = id_of(item.child);
      command.guardian = id_of(item.guardian);
      command.relation = item.relation;
      command.household = item.household;
      command.contact_order = item.contact_order;
      add(command);
    }
  }

  void open(events::AccountId id, const AccountOpened& account) {
    events::OpenAccount command;
    command.account = id;
    add_sealed(std::move(command), {subject_of(id), to_text(account.name)},
               {subject_of(id), to_text(ContactCard{account.email, account.phones})},
               kNameAndContact);
  }

  void correct(const AccountCorrected& item) {
    events::CorrectAccount command;
    command.account = id_of(item.person);
    Text name{subject_of(command.account), {}};
    if (item.name) name.plain = to_text(*item.name);
    Text contact{subject_of(command.account), {}};
    if (item.email || item.phones) {
      const CurrentAccount& now = *accounts_.at(command.account);
      contact.plain =
          to_text(ContactCard{item.email.value_or(now.email), item.phones.value_or(now.phones)});
    }
    add_sealed(std::move(command), std::move(name), std::move(contact), kNameAndContact);
  }

  void employ(const StaffPlanned& item) {
    const auto account = id_of(item.person);
    for (const Role role : item.roles) {
      events::GiveRole command;
      command.account = account;
      command.role = role;
      command.first_day = days_.today;
      command.open_ended = true;
      add(command);
    }
    for (const GroupRef& group : item.groups) {
      events::AssignStaff command;
      command.group = id_of(group);
      command.account = account;
      command.first_day = days_.today;
      command.open_ended = true;
      add(command);
    }
  }

  /// A child that comes back has the guardians that it had; they stay as they were, and nobody gets
  /// authority beside them by a file.
  void link(const GuardianLinked& item) {
    events::LinkGuardian command;
    command.child = id_of(item.child);
    command.guardian = id_of(item.guardian);
    command.relation = item.relation;
    command.authority = item.authority;
    command.household = item.household;
    command.contact_order = item.contact_order;
    const auto before = returning_.find(command.child);
    if (before != returning_.end() && !before->second.guardians.empty()) {
      if (before->second.link_of(command.guardian) != nullptr) return;
      if (command.authority == Authority::with) command.authority = Authority::unknown;
    }
    add(command);
  }

  static constexpr auto kNameAndBirth = [](auto& command, std::uint16_t name,
                                           std::uint16_t birth_day) {
    command.name = name;
    command.birth_day = birth_day;
  };
  static constexpr auto kNameAndContact = [](auto& command, std::uint16_t name,
                                             std::uint16_t contact) {
    command.name = name;
    command.contact = contact;
  };

  const Plan& plan_;
  const NewIds& ids_;
  const StepSources& sources_;
  const StepDays days_;
  std::map<events::AccountId, const CurrentAccount*> accounts_;
  std::map<events::ChildId, directory::ChildRow> returning_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_of(const Plan& plan, const NewIds& ids, const StepSources& sources,
                           const StepDays& days) {
  return StepList(plan, ids, sources, days).make();
}

}  // namespace klasboek::api::roster
