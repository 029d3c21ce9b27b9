#pragma once
// Who the people of a file are: one person per address, staff and guardians together, and for each
// the account that is theirs already, or a new one. Only for roster_plan*.cpp.

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/roster_plan_parts.h"

namespace klasboek::api::roster {

inline constexpr std::size_t kGuardiansPerChildMax = 20;

struct Person {
  PersonName name;
  std::string email;
  std::vector<std::string> phones;
  const StaffMember* member = nullptr;
  std::vector<const Guardian*> rows;  // one per child
  const CurrentAccount* account = nullptr;
  PersonRef ref;
  Where where;
};

/// Refers to its arguments.
class Persons {
 public:
  Persons(const RosterFile& wanted, const CurrentRoster& current, const Matches& matches,
          Plan& plan, ProblemList& problems);

  /// Fills the plan's accounts. Call once; then `all` and `person_of` hold.
  void plan_accounts();

  const std::vector<Person>& all() const { return persons_; }
  /// nullptr for a row that was left out.
  const Person* person_of(const Guardian& row) const;
  const CurrentAccount* account(events::AccountId id) const;

 private:
  void gather_staff();
  void gather_guardians();
  void gather(const Guardian& row);
  Person& person_for(const Guardian& row, const std::string& email);

  void find_accounts();
  void find_by_staff_key(Person& person);
  void find_by_email(Person& person);
  void find_by_child(Person& person);
  bool may_own(const CurrentAccount& account, const Person& person) const;
  bool may_be_linked_as(const CurrentLink& link, const Person& person, const Guardian& row) const;
  void claim(Person& person, const CurrentAccount& account);
  void drop_email(Person& person);

  void open_or_correct(Person& person);

  const RosterFile& wanted_;
  const CurrentRoster& current_;
  const Matches& matches_;
  Plan& plan_;
  ProblemList& problems_;
  std::vector<Person> persons_;
  std::map<std::string, std::size_t> by_email_;      // index in persons_
  std::map<std::string, std::size_t> by_household_;  // by folded name and household (or child)
  std::unordered_map<const Guardian*, std::size_t> of_row_;
  std::map<std::string, std::size_t> rows_of_child_;
  std::map<events::AccountId, const CurrentAccount*> accounts_;
  std::map<std::string, const CurrentAccount*> accounts_by_email_;
  std::set<events::AccountId> claimed_;
};

}  // namespace klasboek::api::roster
