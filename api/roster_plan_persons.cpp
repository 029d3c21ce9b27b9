#include "api/roster_plan_persons.h"

#include <algorithm>
#include <utility>

#include "api/roster_text.h"
#include "api/roster_values.h"
#include "events/event.h"

namespace klasboek::api::roster {
namespace {

using Code = ProblemCode;

bool contradict(Relation a, Relation b) {
  return (a == Relation::father && b == Relation::mother) ||
         (a == Relation::mother && b == Relation::father);
}

// The same name in full. Initials are not enough to give somebody another address.
bool is_surely_one_person(const PersonName& a, const PersonName& b) {
  const bool initials = a.given.contains('.') || folded(a.given).size() < 2;
  return !initials && folded(a.given) == folded(b.given) && folded(a.family) == folded(b.family);
}

// The file's name, but never initials in place of a name that is known.
PersonName more_telling(const PersonName& wanted, const PersonName& now) {
  if (!may_be_one_person(wanted, now) || wanted.given.size() >= now.given.size()) return wanted;
  return {.given = now.given, .prefix = wanted.prefix, .family = wanted.family};
}

std::string household_key(const Guardian& row) {
  const std::string home =
      row.household.empty() ? "child " + row.child_key : "home " + row.household;
  return folded(row.name.given) + "|" + folded(row.name.family) + "|" + home;
}

}  // namespace

Persons::Persons(const RosterFile& wanted, const CurrentRoster& current, const Matches& matches,
                 Plan& plan, ProblemList& problems)
    : wanted_(wanted), current_(current), matches_(matches), plan_(plan), problems_(problems) {
  for (const CurrentAccount& account : current.accounts) {
    accounts_.emplace(account.id, &account);
    if (!account.email.empty()) accounts_by_email_.emplace(account.email, &account);
  }
}

void Persons::plan_accounts() {
  gather_staff();
  gather_guardians();
  find_accounts();
  for (Person& person : persons_) open_or_correct(person);
}

const Person* Persons::person_of(const Guardian& row) const {
  const auto found = of_row_.find(&row);
  return found == of_row_.end() ? nullptr : &persons_[found->second];
}

const CurrentAccount* Persons::account(events::AccountId id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : found->second;
}

void Persons::gather_staff() {
  for (const StaffMember& member : wanted_.staff) {
    Person& person = persons_.emplace_back();
    person.name = member.name;
    person.email = member.email;
    person.member = &member;
    person.where = member.where;
    if (!member.email.empty()) by_email_.emplace(member.email, persons_.size() - 1);
  }
}

void Persons::gather_guardians() {
  for (const Guardian& row : wanted_.guardians) {
    if (!matches_.children.contains(row.child_key)) {
      problems_.add({.code = Code::child_unknown,
                     .where = row.where,
                     .place = "leerling/child_key",
                     .key = row.child_key});
    } else if (++rows_of_child_[row.child_key] > kGuardiansPerChildMax) {
      problems_.add({.code = Code::too_many_guardians,
                     .where = row.where,
                     .place = "leerling/child_key",
                     .key = row.child_key,
                     .count = kGuardiansPerChildMax});
    } else {
      gather(row);
    }
  }
}

void Persons::gather(const Guardian& row) {
  std::string email = row.email;
  const auto owner = by_email_.find(email);
  const bool shared =
      owner != by_email_.end() && !may_be_one_person(persons_[owner->second].name, row.name);
  if (shared) {
    problems_.add({.code = Code::account_of_somebody_else,
                   .where = row.where,
                   .place = "email",
                   .key = row.child_key});
    email.clear();
  }
  Person& person = person_for(row, email);
  of_row_.emplace(&row, static_cast<std::size_t>(&person - persons_.data()));
  person.rows.push_back(&row);
  if (person.phones.empty()) person.phones = row.phones;
  const bool fuller = row.name.given.size() > person.name.given.size();
  if (person.member == nullptr && fuller) person.name = row.name;
}

// By address; else by name within the household (or for the child), so that siblings share a
// parent whose address is missing in a row.
Person& Persons::person_for(const Guardian& row, const std::string& email) {
  const std::string household = household_key(row);
  auto found = by_email_.find(email);
  if (email.empty() || found == by_email_.end()) {
    found = by_household_.find(household);
    const bool other =
        found != by_household_.end() && !email.empty() && !persons_[found->second].email.empty();
    if (found == by_household_.end() || other) {
      Person& person = persons_.emplace_back();
      person.name = row.name;
      person.where = row.where;
      by_household_[household] = persons_.size() - 1;
      person.email = email;
      if (!email.empty()) by_email_.emplace(email, persons_.size() - 1);
      return person;
    }
  }
  Person& person = persons_[found->second];
  by_household_.emplace(household, found->second);
  if (person.email.empty() && !email.empty()) {
    person.email = email;
    by_email_.emplace(email, found->second);
  }
  return person;
}

void Persons::find_accounts() {
  for (Person& person : persons_) find_by_staff_key(person);
  for (Person& person : persons_) find_by_email(person);
  for (Person& person : persons_) find_by_child(person);
}

void Persons::claim(Person& person, const CurrentAccount& account) {
  person.account = &account;
  claimed_.insert(account.id);
  if (person.member != nullptr && account.staff_key != person.member->key) {
    plan_.recognised.push_back({person.member->key, account.id, person.member->where});
  }
}

void Persons::find_by_staff_key(Person& person) {
  if (person.member == nullptr) return;
  const auto found =
      std::ranges::find(current_.accounts, person.member->key, &CurrentAccount::staff_key);
  if (found != current_.accounts.end()) claim(person, *found);
}

void Persons::drop_email(Person& person) {
  problems_.add(
      {.code = Code::account_of_somebody_else,
       .where = person.where,
       .place = "email",
       .key = person.member != nullptr ? person.member->key : person.rows.front()->child_key});
  person.email.clear();
}

void Persons::find_by_email(Person& person) {
  if (person.email.empty()) return;
  const auto found = accounts_by_email_.find(person.email);
  if (found == accounts_by_email_.end() || found->second == person.account) return;
  const CurrentAccount& account = *found->second;
  const bool free = person.account == nullptr && !claimed_.contains(account.id);
  if (free && may_own(account, person)) return claim(person, account);
  drop_email(person);
}

// People change their family name; the given name and a child that is theirs already say so.
bool Persons::may_own(const CurrentAccount& account, const Person& person) const {
  if (may_be_one_person(account.name, person.name)) return true;
  if (folded(account.name.given) != folded(person.name.given)) return false;
  return std::ranges::any_of(person.rows, [&](const Guardian* row) {
    const CurrentChild* child = matches_.children.at(row->child_key).current;
    return child != nullptr && std::ranges::find(child->guardians, account.id,
                                                 &CurrentLink::guardian) != child->guardians.end();
  });
}

bool Persons::may_be_linked_as(const CurrentLink& link, const Person& person,
                               const Guardian& row) const {
  const CurrentAccount* holder = account(link.guardian);
  if (holder == nullptr || claimed_.contains(holder->id)) return false;
  if (contradict(link.relation, row.relation)) return false;
  const bool other_address = !person.email.empty() && !holder->email.empty();
  return other_address ? is_surely_one_person(person.name, holder->name)
                       : may_be_one_person(person.name, holder->name);
}

// By name among the guardians that the children have, if exactly one of them can be meant.
void Persons::find_by_child(Person& person) {
  if (person.account != nullptr) return;
  std::set<events::AccountId> candidates;
  for (const Guardian* row : person.rows) {
    const CurrentChild* child = matches_.children.at(row->child_key).current;
    if (child == nullptr) continue;
    for (const CurrentLink& link : child->guardians) {
      if (may_be_linked_as(link, person, *row)) candidates.insert(link.guardian);
    }
  }
  if (candidates.size() == 1) claim(person, *accounts_.at(*candidates.begin()));
}

void Persons::open_or_correct(Person& person) {
  if (person.account == nullptr) {
    person.ref = {.id = {}, .opened = plan_.accounts_opened.size(), .name = person.name};
    plan_.accounts_opened.push_back({person.name, person.email, person.phones, person.where});
    return;
  }
  const CurrentAccount& now = *person.account;
  person.ref = {.id = now.id, .opened = 0, .name = now.name};
  AccountCorrected item{
      .person = person.ref, .name = {}, .email = {}, .phones = {}, .where = person.where};
  const PersonName name = more_telling(person.name, now.name);
  if (name != now.name) item.name = name;
  if (!person.email.empty() && person.email != now.email) item.email = person.email;
  if (!person.phones.empty() && person.phones != now.phones) item.phones = person.phones;
  if (item.name || item.email || item.phones) plan_.accounts_corrected.push_back(std::move(item));
}

}  // namespace klasboek::api::roster
