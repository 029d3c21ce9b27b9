#include "tests/support/golden_values.h"

namespace klasboek::tests {

using namespace events;

namespace {

std::unique_ptr<LeaveCount> golden_count() {
  return std::make_unique<LeaveCount>(made<LeaveCount>([](auto& count) {
    count.school_year = 2026;
    count.ground = LeaveGround::other_circumstances;
    count.school_days = 5;
    count.new_days = 4;
    count.granted_before = 3;
    count.granted_before_on_ground = 2;
  }));
}

const std::vector<LeaveAdvice> kGoldenAdvice = {LeaveAdvice::occupation_too_long,
                                                LeaveAdvice::other_asked_late};

void add_posts(std::vector<EventBody>& all) {
  all.emplace_back(made<PostPublished>([](auto& e) {
    e.post = numbered<PostId>(8);
    e.groups = {numbered<GroupId>(3), numbered<GroupId>(4)};
    e.title = golden_text(1);
    e.text = golden_text(2);
    e.release_at_us = moment("2026-10-06 08:00");
    e.last_day = day("2026-10-30");
    e.open_ended = true;
    e.must_confirm = true;
    e.held_by_window = true;
    e.emergency_reason = golden_text(3);
  }));
  all.emplace_back(made<PostEdited>([](auto& e) {
    e.title = golden_text(4);
    e.text = golden_text(5);
  }));
  all.emplace_back(made<PostRetracted>([](auto& e) { e.reason = golden_text(6); }));
}

/// The three answers have the same fields.
template <class Answer>
Answer golden_answer() {
  return made<Answer>([](auto& e) {
    e.purpose = numbered<PurposeId>(2);
    e.notice_version = 3;
    e.language = "nl";
    e.answered_by = numbered<AccountId>(6);
    e.route = AnswerRoute::paper;
    e.school_year = 2026;
    e.rule_set = 1;
    e.by_pupil = true;
  });
}

/// A report and what somebody else adds to it have these in common.
template <class Report>
void fill_report(Report& e) {
  e.absence = numbered<AbsenceId>(9);
  e.reason = AbsenceReason::medical_visit;
  e.first_day = day("2026-10-05");
  e.last_day = day("2026-10-07");
  e.open_ended = true;
  e.whole_days = true;
  e.from_minute = 540;
  e.until_minute = 600;
  e.note = golden_text(1);
  e.reported_by = numbered<AccountId>(6);
}

void add_absence(std::vector<EventBody>& all) {
  all.emplace_back(made<AbsenceReported>([](auto& e) {
    fill_report(e);
    e.timing = ReportTiming::after_start;
  }));
  all.emplace_back(made<AbsenceReportAdded>([](auto& e) { fill_report(e); }));
  all.emplace_back(made<AbsenceEndChanged>([](auto& e) {
    e.absence = numbered<AbsenceId>(9);
    e.last_day = day("2026-10-08");
    e.open_ended = true;
  }));
  all.emplace_back(made<AbsenceWithdrawn>([](auto& e) { e.absence = numbered<AbsenceId>(9); }));
  all.emplace_back(made<RecoveryReported>([](auto& e) {
    e.absence = numbered<AbsenceId>(9);
    e.last_day = day("2026-10-06");
  }));
  all.emplace_back(made<AbsenceClassified>([](auto& e) {
    e.absence = numbered<AbsenceId>(9);
    e.classification = AbsenceClass::late;
  }));
}

/// A request and a notice have these in common.
template <class Request>
void fill_request(Request& e) {
  e.leave = numbered<LeaveId>(10);
  e.first_day = day("2026-11-02");
  e.last_day = day("2026-11-06");
  e.motivation = golden_text(1);
  e.school_days = 5;
  e.school_year = 2026;
  e.compulsory = true;
  e.compulsory_from = day("2026-11-03");
  e.rule_set = 1;
}

void add_leave_requests(std::vector<EventBody>& all) {
  all.emplace_back(made<LeaveRequested>([](auto& e) {
    fill_request(e);
    e.ground = LeaveGround::parents_occupation;
    e.requested_by = numbered<AccountId>(6);
  }));
  all.emplace_back(made<BeliefLeaveNoticed>([](auto& e) {
    fill_request(e);
    e.noticed_by = numbered<AccountId>(6);
    e.timeliness = NoticeTimeliness::late;
  }));
  all.emplace_back(made<LeaveWithdrawn>([](auto& e) { e.leave = numbered<LeaveId>(10); }));
}

/// What every decision on leave holds, whatever its text is called.
template <class Decision>
Decision golden_decision() {
  return made<Decision>([](auto& e) {
    e.leave = numbered<LeaveId>(10);
    e.count = golden_count();
    e.advice = kGoldenAdvice;
    e.rule_set = 1;
    if constexpr (requires { e.reasons; }) e.reasons = golden_text(2);
    if constexpr (requires { e.opinion; }) e.opinion = golden_text(3);
    if constexpr (requires { e.against_advice; }) e.against_advice = true;
    if constexpr (requires { e.first_day; }) {
      e.first_day = day("2026-11-02");
      e.last_day = day("2026-11-03");
    }
  });
}

}  // namespace

std::vector<EventBody> golden_care() {
  std::vector<EventBody> all;
  add_posts(all);
  all.emplace_back(golden_answer<ConsentGiven>());
  all.emplace_back(golden_answer<ConsentRefused>());
  all.emplace_back(golden_answer<ConsentWithdrawn>());
  add_absence(all);
  add_leave_requests(all);
  all.emplace_back(golden_decision<LeaveGranted>());
  all.emplace_back(golden_decision<LeavePartlyGranted>());
  all.emplace_back(golden_decision<LeaveRefused>());
  all.emplace_back(golden_decision<LeaveForwarded>());
  all.emplace_back(golden_decision<BeliefLeaveAccepted>());
  all.emplace_back(golden_decision<BeliefLeaveContested>());
  return all;
}

}  // namespace klasboek::tests
