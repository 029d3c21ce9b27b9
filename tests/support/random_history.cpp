#include "tests/support/random_history.h"

#include <algorithm>
#include <array>

#include "events/local_time.h"

namespace klasboek::tests {

using namespace events;

namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::size_t kChildrenMax = 12;

}  // namespace

Day RandomHistory::today() const { return local_time("Europe/Amsterdam", story_.now_us()).day; }

Day RandomHistory::some_day() { return today().plus(static_cast<std::int32_t>(below(30)) - 6); }

Actor RandomHistory::head() { return chance(50) ? kDirector : kDeputy; }

Actor RandomHistory::guardian() {
  constexpr std::array kGuardians{kMother, kFather, kStepfather, kOtherMother, kStranger};
  return kGuardians.at(below(kGuardians.size()));
}

Actor RandomHistory::guardian_of(ChildId child) {
  if (child == kChild && chance(80)) return chance(50) ? kMother : kFather;
  if (child == kOtherChild && chance(80)) return kOtherMother;
  return guardian();
}

bool RandomHistory::step() {
  if (chance(60)) {
    story_.at(story_.now_us() + static_cast<std::int64_t>(1 + below(20 * 60)) * kMinuteUs);
  }
  story_.when(any_command());
  if (!story_.decision()) return false;
  for (const auto& event : *story_.decision()) {
    if (const auto* notice = std::get_if<NoticePublished>(&event.body)) {
      notice_version_ = notice->version;
    }
  }
  story_.then_accepted();
  return true;
}

CommandBody RandomHistory::ask(std::int64_t now_us) {
  story_.at(now_us).forget_texts();
  return any_command();
}

CommandBody RandomHistory::ask_of_families(std::int64_t now_us) {
  story_.at(now_us).forget_texts();
  switch (below(5)) {
    case 0:
    case 1:
      return of_posts();
    case 2:
    case 3:
      return of_first_guardians();
    default:
      return any_command();
  }
}

CommandBody RandomHistory::any_command() {
  switch (below(10)) {
    case 0:
      return of_membership();
    case 1:
      return of_guardians();
    case 2:
      return of_staff();
    case 3:
    case 4:
      return of_consent();
    case 5:
    case 6:
      return of_absence();
    case 7:
    case 8:
      return of_leave();
    default:
      return of_posts();
  }
}

CommandBody RandomHistory::of_membership() {
  story_.by(kOffice);
  const auto choice = below(5);
  if (choice == 0 && children_.size() < kChildrenMax) {
    return made<EnrolChild>([&](auto& c) {
      c.child = next(children_);
      c.name = story_.text();
      c.birth_day = story_.text();
      c.first_day = some_day();
      c.group = chance(50) ? kClass : kOtherClass;
    });
  }
  if (choice == 1) {
    return made<RecordLeaver>([&](auto& c) {
      c.child = one_of(children_);
      c.last_day = some_day();
    });
  }
  if (choice == 2) {
    return made<EnrolChild>([&](auto& c) {
      c.child = one_of(children_);
      c.name = story_.text();
      c.birth_day = story_.text();
      c.first_day = some_day();
      c.group = chance(50) ? kClass : kOtherClass;
    });
  }
  return made<PlaceChild>([&](auto& c) {
    c.child = one_of(children_);
    c.group = chance(50) ? kClass : kOtherClass;
    c.first_day = some_day();
  });
}

CommandBody RandomHistory::of_guardians() {
  story_.by(chance(70) ? kOffice : head());
  const auto child = one_of(children_);
  const auto account = guardian().account;
  switch (below(5)) {
    case 0:
      return made<UnlinkGuardian>([&](auto& c) {
        c.child = child;
        c.guardian = account;
      });
    case 1:
      return made<RecordGuardianAuthority>([&](auto& c) {
        c.child = child;
        c.guardian = account;
        c.authority = one_until(Authority::without);
      });
    case 2:
      return made<ChangeGuardianRelation>([&](auto& c) {
        c.child = child;
        c.guardian = account;
        c.relation = one_until(Relation::other);
        c.household = static_cast<std::uint8_t>(1 + below(2));
      });
    default:
      return linked(child, account);
  }
}

CommandBody RandomHistory::linked(events::ChildId child, events::AccountId account) {
  return made<LinkGuardian>([&](auto& c) {
    c.child = child;
    c.guardian = account;
    c.relation = one_until(Relation::other);
    c.authority = one_until(Authority::without);
    c.household = static_cast<std::uint8_t>(1 + below(2));
  });
}

/// Of those who were linked at the beginning, so that there is somebody to unlink.
CommandBody RandomHistory::of_first_guardians() {
  story_.by(kOffice);
  const auto child = chance(60) ? kChild : kOtherChild;
  const auto mother = child == kChild ? kMother : kOtherMother;
  const auto account = (child == kChild && chance(40) ? kFather : mother).account;
  if (chance(60)) {
    return made<UnlinkGuardian>([&](auto& c) {
      c.child = child;
      c.guardian = account;
    });
  }
  return linked(child, account);
}

CommandBody RandomHistory::of_staff() {
  story_.by(kDirector);
  const auto account = one_of(accounts_);
  const auto first_day = some_day();
  const bool open_ended = chance(50);
  switch (below(5)) {
    case 0:
      return made<AssignStaff>([&](auto& c) {
        c.group = one_of(groups_);
        c.account = account;
        c.first_day = first_day;
        c.last_day = first_day.plus(static_cast<std::int32_t>(below(20)));
        c.open_ended = open_ended;
      });
    case 1:
      return made<EndStaffAssignment>([&](auto& c) {
        c.group = one_of(groups_);
        c.account = account;
        c.last_day = first_day;
      });
    case 2:
      return made<GiveRole>([&](auto& c) {
        c.account = account;
        c.role = one_until(Role::system);
        c.first_day = first_day;
        c.last_day = first_day.plus(static_cast<std::int32_t>(below(20)));
        c.open_ended = open_ended;
      });
    case 3:
      return made<SetConsentPolicy>([&](auto& c) {
        c.one_household = one_until(SilencePolicy::all_must_answer);
        c.two_households = one_until(SilencePolicy::all_must_answer);
      });
    default:
      return made<EndRole>([&](auto& c) {
        // Not those who keep the school going.
        c.account = chance(50) ? kCare.account : kStranger.account;
        c.role = one_until(Role::system);
        c.last_day = first_day;
      });
  }
}

CommandBody RandomHistory::of_posts() {
  story_.by(chance(50) ? head() : kTeacher);
  if (!posts_.empty() && chance(15)) {
    return made<EditPost>([&](auto& c) {
      c.post = one_of(posts_);
      c.text = story_.text();
    });
  }
  if (!posts_.empty() && chance(10)) {
    return made<RetractPost>([&](auto& c) {
      c.post = one_of(posts_);
      c.reason = story_.text();
    });
  }
  return made<PublishPost>([&](auto& c) {
    c.post = next(posts_);
    c.groups.push_back(one_of(groups_));
    if (chance(30)) c.groups.push_back(one_of(groups_));
    c.title = story_.text();
    c.text = story_.text();
    if (chance(50)) {
      c.release_at_us =
          story_.now_us() + static_cast<std::int64_t>(below(15 * 24 * 60)) * kMinuteUs;
    }
    c.last_day = some_day().plus(14);
    c.open_ended = chance(50);
    c.must_confirm = chance(30);
  });
}

CommandBody RandomHistory::of_consent() {
  if (chance(5)) {
    story_.by(kDirector);
    return made<PublishNotice>([&](auto& c) {
      c.purpose = kPhotos;
      NoticeText text;
      text.language = "nl";
      text.title = "Foto's";
      text.text = "Een nieuwe toelichting";
      c.texts.push_back(text);
      c.asks_again = chance(50);
    });
  }
  // Where several may answer, answers meet.
  const bool at_home = chance(60);
  const auto who = at_home ? (chance(50) ? kMother : kFather) : guardian();
  const bool by_staff = chance(30);
  story_.by(by_staff ? on_behalf_of(kOffice, who) : who);
  return made<AnswerConsent>([&](auto& c) {
    c.child = at_home ? kChild : one_of(children_);
    c.purpose = kPhotos;
    c.answer = chance(60) ? ConsentAnswer::given : ConsentAnswer::refused;
    c.notice_version = chance(80) ? notice_version_ : 1;
    c.language = "nl";
    c.answered_by = who.account;
    c.route = by_staff ? AnswerRoute::paper : AnswerRoute::portal;
    if (by_staff && chance(50)) {
      c.given_at_us = story_.now_us() - static_cast<std::int64_t>(below(7 * 24 * 60)) * kMinuteUs;
    }
  });
}

CommandBody RandomHistory::of_absence() {
  if (absences_.empty() || chance(40)) {
    const auto child = some_child();
    story_.by(chance(70) ? guardian_of(child) : kOffice);
    return made<ReportAbsence>([&](auto& c) {
      c.child = child;
      c.absence = numbered<AbsenceId>(100 + absences_.size());
      c.reason = one_until(AbsenceReason::other);
      c.first_day = some_day();
      c.last_day = c.first_day;
      c.open_ended = chance(30);
      c.whole_days = chance(70);
      if (c.whole_days) c.last_day = c.first_day.plus(static_cast<std::int32_t>(below(5)));
      c.from_minute = 9 * 60;
      c.until_minute = 10 * 60;
      c.note = chance(30) ? story_.text() : std::uint16_t{0};
      absences_.push_back({child, c.absence});
    });
  }
  // The last few are those that go on.
  const auto recent = std::min<std::size_t>(absences_.size(), 8);
  const auto known = absences_[absences_.size() - 1 - below(recent)];
  story_.by(chance(50) ? guardian_of(known.child) : kOffice);
  switch (below(4)) {
    case 0:
      return made<ReportRecovery>([&](auto& c) {
        c.child = known.child;
        c.absence = known.id;
        c.back_on = today().plus(static_cast<std::int32_t>(below(4)));
      });
    case 1:
      return made<WithdrawAbsence>([&](auto& c) {
        c.child = known.child;
        c.absence = known.id;
      });
    case 2:
      return made<ChangeAbsenceEnd>([&](auto& c) {
        c.child = known.child;
        c.absence = known.id;
        c.last_day = some_day();
        c.open_ended = chance(30);
      });
    default:
      story_.by(kOffice);
      return made<ClassifyAbsence>([&](auto& c) {
        c.child = known.child;
        c.absence = known.id;
        c.classification = one_until(AbsenceClass::late);
      });
  }
}

CommandBody RandomHistory::of_leave() {
  if (leaves_.empty() || chance(40)) {
    const auto child = some_child();
    story_.by(guardian_of(child));
    return made<RequestLeave>([&](auto& c) {
      c.child = child;
      c.leave = numbered<LeaveId>(100 + leaves_.size());
      c.ground = one_until(LeaveGround::other_circumstances);
      c.first_day = some_day().plus(10);
      c.last_day = c.first_day.plus(static_cast<std::int32_t>(below(chance(50) ? 40 : 6)));
      c.motivation = story_.text();
      c.compulsory_from = c.first_day;
      leaves_.push_back({child, c.leave});
    });
  }
  const auto known = one_of(leaves_);
  if (chance(20)) {
    story_.by(guardian_of(known.child));
    return made<WithdrawLeave>([&](auto& c) {
      c.child = known.child;
      c.leave = known.id;
    });
  }
  story_.by(head());
  return made<DecideLeave>([&](auto& c) {
    c.child = known.child;
    c.leave = known.id;
    c.verdict = one_until(LeaveVerdict::contest);
    c.first_day = c.last_day = some_day().plus(12);
    c.reasons = story_.text();
  });
}

}  // namespace klasboek::tests
