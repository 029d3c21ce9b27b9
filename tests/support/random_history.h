#pragma once
// Histories that nobody wrote: people of a_school() and children who come, move and leave, giving
// random commands for months. What the rules turn down didn't happen; what is left is a history as
// it could be. The same seed gives the same history.
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/given.h"

namespace klasboek::tests {

class RandomHistory {
 public:
  explicit RandomHistory(std::uint64_t seed) : random_(seed) {}
  /// One command, or a few hours in which nothing happens. True where it changed anything.
  bool step();
  /// Only what somebody asks, by story().actor() and with story().texts(): whether it happens is
  /// for others to say, and nothing has happened in the story.
  events::CommandBody ask(std::int64_t now_us);
  /// The same, of a school where families part and come together again while much is posted.
  events::CommandBody ask_of_families(std::int64_t now_us);
  [[nodiscard]] Story& story() { return story_; }

  [[nodiscard]] const std::vector<events::ChildId>& children() const { return children_; }
  [[nodiscard]] const std::vector<events::PostId>& posts() const { return posts_; }
  [[nodiscard]] const std::vector<events::AccountId>& accounts() const { return accounts_; }

 private:
  events::CommandBody any_command();
  events::CommandBody of_membership();
  events::CommandBody of_guardians();
  events::CommandBody of_first_guardians();
  /// A guardian in that relation, at random.
  events::CommandBody linked(events::ChildId child, events::AccountId account);
  events::CommandBody of_staff();
  events::CommandBody of_posts();
  events::CommandBody of_consent();
  events::CommandBody of_absence();
  events::CommandBody of_leave();

  /// 0 … n - 1.
  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  template <class Enum>
  Enum one_until(Enum last) {
    return static_cast<Enum>(below(static_cast<std::size_t>(last) + 1));
  }
  events::Day today() const;
  /// From a few days ago to a few weeks ahead.
  events::Day some_day();
  events::Actor head();
  events::Actor guardian();
  /// The child of many guardians more often than others.
  events::ChildId some_child() { return chance(40) ? kChild : one_of(children_); }
  events::Actor guardian_of(events::ChildId child);
  template <class AnId>
  AnId next(std::vector<AnId>& ids) {
    ids.push_back(numbered<AnId>(100 + ids.size()));
    return ids.back();
  }

  std::mt19937_64 random_;
  std::uint32_t notice_version_ = 1;
  Story story_ = a_school();
  std::vector<events::ChildId> children_{kChild, kOtherChild};
  std::vector<events::GroupId> groups_{kClass, kOtherClass, kWholeSchool};
  std::vector<events::PostId> posts_;
  /// Of a child, so that whoever comes back to it names the right one.
  template <class AnId>
  struct OfChild {
    events::ChildId child;
    AnId id;
  };
  std::vector<OfChild<events::LeaveId>> leaves_;
  std::vector<OfChild<events::AbsenceId>> absences_;
  std::vector<events::AccountId> accounts_{
      kDirector.account,   kDeputy.account,      kOffice.account, kCare.account,
      kTeacher.account,    kMother.account,      kFather.account, kStranger.account,
      kStepfather.account, kOtherTeacher.account};
};

}  // namespace klasboek::tests
