#include "tests/support/golden_values.h"

namespace klasboek::tests {

using namespace events;

namespace {

NoticeText golden_notice(std::string_view language, std::string_view title, std::string_view text) {
  NoticeText notice;
  notice.language = language;
  notice.title = title;
  notice.text = text;
  return notice;
}

Period golden_period() {
  return made<Period>([](auto& period) {
    period.name = "Studiedag";
    period.first_day = day("2026-11-09");
    period.last_day = day("2026-11-10");
    period.kind = PeriodKind::study_day;
  });
}

void add_school(std::vector<EventBody>& all) {
  all.emplace_back(made<SchoolFounded>([](auto& e) {
    e.school = numbered<SchoolId>(1);
    e.name = "De Vlieger";
    e.time_zone = "Europe/Amsterdam";
  }));
  all.emplace_back(made<SchoolRenamed>([](auto& e) { e.name = "De Grote Vlieger"; }));
  all.emplace_back(made<SchoolDaysSet>(
      [](auto& e) { e.days = {SchoolDay(1, 510, 900), SchoolDay(3, 510, 750)}; }));
  all.emplace_back(made<SchoolYearSet>([](auto& e) {
    e.first_day = day("2026-08-24");
    e.last_day = day("2027-07-09");
    e.periods = {golden_period()};
  }));
  all.emplace_back(made<PostingWindowSet>([](auto& e) {
    e.opens_minute = 480;
    e.closes_minute = 1020;
  }));
  all.emplace_back(made<ConsentPolicySet>([](auto& e) {
    e.one_household = SilencePolicy::all_must_answer;
    e.two_households = SilencePolicy::all_must_answer;
  }));
  all.emplace_back(made<PurposeAdded>([](auto& e) {
    e.purpose = numbered<PurposeId>(2);
    e.code = "photos";
  }));
  all.emplace_back(made<NoticePublished>([](auto& e) {
    e.purpose = numbered<PurposeId>(2);
    e.version = 3;
    e.texts = {golden_notice("nl", "Foto's", "Mag dit?"), golden_notice("en", "Photos", "May we?")};
    e.asks_again = true;
  }));
}

void add_groups(std::vector<EventBody>& all) {
  all.emplace_back(made<GroupFounded>([](auto& e) {
    e.group = numbered<GroupId>(3);
    e.name = golden_text(1);
    e.kind = GroupKind::other;
  }));
  all.emplace_back(made<GroupRenamed>([](auto& e) { e.name = golden_text(2); }));
  all.emplace_back(made<GroupClosed>([](auto& e) { e.last_day = day("2027-07-09"); }));
  all.emplace_back(made<StaffAssigned>([](auto& e) {
    e.account = numbered<AccountId>(4);
    e.first_day = day("2026-08-24");
    e.last_day = day("2026-10-16");
    e.open_ended = true;
  }));
  all.emplace_back(made<StaffAssignmentEnded>([](auto& e) {
    e.account = numbered<AccountId>(4);
    e.last_day = day("2026-10-16");
  }));
}

void add_children(std::vector<EventBody>& all) {
  all.emplace_back(made<ChildEnrolled>([](auto& e) {
    e.child = numbered<ChildId>(5);
    e.name = golden_text(1);
    e.birth_day = golden_text(2);
    e.first_day = day("2026-08-24");
  }));
  all.emplace_back(made<ChildNameCorrected>([](auto& e) { e.name = golden_text(3); }));
  all.emplace_back(made<ChildBirthDayCorrected>([](auto& e) { e.birth_day = golden_text(4); }));
  all.emplace_back(made<ChildPlaced>([](auto& e) {
    e.group = numbered<GroupId>(3);
    e.first_day = day("2026-09-01");
  }));
  all.emplace_back(made<ChildLeft>([](auto& e) { e.last_day = day("2026-12-18"); }));
}

void add_guardians(std::vector<EventBody>& all) {
  all.emplace_back(made<GuardianLinked>([](auto& e) {
    e.guardian = numbered<AccountId>(6);
    e.relation = Relation::foster_parent;
    e.authority = Authority::without;
    e.household = 2;
    e.contact_order = 3;
  }));
  all.emplace_back(made<GuardianRelationChanged>([](auto& e) {
    e.guardian = numbered<AccountId>(6);
    e.relation = Relation::guardian;
    e.household = 1;
    e.contact_order = 2;
  }));
  all.emplace_back(made<GuardianAuthorityRecorded>([](auto& e) {
    e.guardian = numbered<AccountId>(6);
    e.authority = Authority::with;
  }));
  all.emplace_back(made<GuardianUnlinked>([](auto& e) { e.guardian = numbered<AccountId>(6); }));
}

void add_accounts(std::vector<EventBody>& all) {
  all.emplace_back(made<AccountOpened>([](auto& e) {
    e.account = numbered<AccountId>(6);
    e.name = golden_text(1);
    e.contact = golden_text(2);
  }));
  all.emplace_back(made<AccountNameCorrected>([](auto& e) { e.name = golden_text(3); }));
  all.emplace_back(made<AccountContactChanged>([](auto& e) { e.contact = golden_text(4); }));
  all.emplace_back(made<AccountInvited>([](auto& e) {
    e.invitation = numbered<InvitationId>(7);
    e.code_digest.assign(32, 0xD1);
    e.expires_at_us = moment("2026-09-15 12:00");
  }));
  all.emplace_back(
      made<InvitationAccepted>([](auto& e) { e.invitation = numbered<InvitationId>(7); }));
  all.emplace_back(made<AccountBlocked>([](auto& e) {
    e.reason = golden_text(5);
    e.until_us = moment("2026-10-01 08:00");
  }));
  all.emplace_back(made<AccountUnblocked>([](auto& e) { e.reason = golden_text(6); }));
  all.emplace_back(made<AccountClosed>([](auto& e) { e.last_day = day("2027-07-31"); }));
  all.emplace_back(
      made<SessionsEnded>([](auto& e) { e.not_before_us = moment("2026-10-02 09:30"); }));
  all.emplace_back(made<ChannelsChosen>([](auto& e) { e.mail = true; }));
}

void add_roles(std::vector<EventBody>& all) {
  all.emplace_back(made<RoleGiven>([](auto& e) {
    e.role = Role::deputy;
    e.first_day = day("2026-08-24");
    e.last_day = day("2026-12-18");
    e.open_ended = true;
  }));
  all.emplace_back(made<RoleEnded>([](auto& e) {
    e.role = Role::deputy;
    e.last_day = day("2026-12-18");
  }));
  all.emplace_back(made<StaffCodesSet>([](auto& e) { e.required = true; }));
  all.emplace_back(made<PasswordResetAsked>([](auto& e) {
    e.reset = numbered<InvitationId>(9);
    e.code_digest.assign(32, 0xD3);
    e.expires_at_us = moment("2026-10-06 12:00");
  }));
  all.emplace_back(made<PasswordReset>([](auto& e) {
    e.reset = numbered<InvitationId>(9);
    e.not_before_us = moment("2026-10-06 11:30");
  }));
  all.emplace_back(made<ShieldRaised>([](auto& e) {
    e.against = numbered<AccountId>(6);
    e.reason = golden_text(8);
  }));
  all.emplace_back(made<ShieldLifted>([](auto& e) {
    e.against = numbered<AccountId>(6);
    e.reason = golden_text(9);
  }));
  all.emplace_back(made<MandateGiven>([](auto& e) {
    e.powers = {MandatePower::leave, MandatePower::absence};
    e.first_day = day("2026-08-24");
    e.last_day = day("2026-12-18");
    e.open_ended = true;
  }));
  all.emplace_back(made<AuditGranted>([](auto& e) {
    e.child = numbered<ChildId>(5);
    e.first_day = day("2026-10-05");
    e.last_day = day("2026-10-16");
    e.readable_text = true;
    e.purpose = golden_text(7);
  }));
  all.emplace_back(made<AuditGrantEnded>([](auto& e) { e.child = numbered<ChildId>(5); }));
  all.emplace_back(made<AuditReadRecorded>([](auto& e) {
    e.operation = "see_child_leaves";
    e.child = numbered<ChildId>(5);
  }));
}

}  // namespace

std::vector<EventBody> golden_people() {
  std::vector<EventBody> all;
  add_school(all);
  add_groups(all);
  add_children(all);
  add_guardians(all);
  add_accounts(all);
  add_roles(all);
  return all;
}

}  // namespace klasboek::tests
