#include "aggregates/consent.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "aggregates/calendar.h"
#include "aggregates/fold.h"
#include "aggregates/speaker.h"

namespace klasboek::aggregates::consent {

namespace {

using events::ConsentAnswer;
using events::ConsentVoice;

/// Somebody's last answer; nullptr where he hasn't given any.
const Answer* answer_of(const State& state, events::PurposeId purpose, events::AccountId account) {
  const auto answers = state.answers.find(purpose);
  if (answers == state.answers.end()) return nullptr;
  const auto found = answers->second.find(account);
  return found == answers->second.end() ? nullptr : &found->second;
}

bool is_no(ConsentVoice voice) {
  return voice == ConsentVoice::refused || voice == ConsentVoice::withdrawn;
}

/// The voice of an answer by now: a "yes" lapses when a later notice asks again, a "no" stays.
ConsentVoice voice_now(const Answer& answer, const school::Purpose& purpose) {
  const bool older = answer.notice_version < purpose.asked_from_version;
  return older && answer.voice == ConsentVoice::given ? ConsentVoice::lapsed : answer.voice;
}

template <class Event>
void record(State& state, const Event& event, ConsentVoice voice, const Happened& happened) {
  state.answers[event.purpose][event.answered_by] = {voice, event.notice_version,
                                                     happened.effective_at_us, event.by_pupil};
}

/// A pupil's account has the UUID of the child.
bool is_pupil(const events::AnswerConsent& command) {
  return command.answered_by.value == command.child.value;
}

/// The guardians decide until the pupil is sixteen, then he does.
std::optional<Rejection> refuse_decider(const events::AnswerConsent& command,
                                        const child::State& child, const Context& context) {
  if (command.answered_by != speaker_of(context)) return Rejection::not_own_account;
  if (!command.sixteen_or_older) return refuse_speaker(child, context);
  if (!is_pupil(command)) return Rejection::pupil_decides_from_sixteen;
  return std::nullopt;
}

/// Who answers for himself does so in the portal, and now; staff record what was said or written,
/// and when.
std::optional<Rejection> refuse_route(const events::AnswerConsent& command,
                                      const Context& context) {
  const bool in_portal = command.route == events::AnswerRoute::portal;
  if (in_portal != speaks_for_itself(context)) return Rejection::consent_route_invalid;
  if (in_portal && command.given_at_us != 0) return Rejection::consent_route_invalid;
  if (command.given_at_us > context.now_us) return Rejection::consent_given_in_future;
  return std::nullopt;
}

/// A "yes" is to what the notice says now. A "no" is never turned away for an older one: who
/// withdraws while the school publishes a new text has withdrawn.
std::optional<Rejection> refuse_notice(const events::AnswerConsent& command,
                                       const school::Notice& notice) {
  const bool names_older = command.notice_version > 0 && command.notice_version < notice.version;
  const bool may_be_older = command.answer == ConsentAnswer::refused;
  if (command.notice_version != notice.version && !(names_older && may_be_older)) {
    return Rejection::notice_version_not_current;
  }
  if (std::ranges::find(notice.texts, command.language, &events::NoticeText::language) ==
      notice.texts.end()) {
    return Rejection::notice_language_unknown;
  }
  return std::nullopt;
}

std::optional<Rejection> refuse_repeat(const events::AnswerConsent& command, const Answer* known) {
  if (known == nullptr) return std::nullopt;
  // A form of last week doesn't undo what the guardian has said since.
  if (command.given_at_us != 0 && command.given_at_us < known->given_at_us) {
    return Rejection::consent_later_answer_known;
  }
  const bool same_answer = is_no(known->voice) == (command.answer == ConsentAnswer::refused);
  if (same_answer && command.notice_version <= known->notice_version) {
    return Rejection::consent_answer_unchanged;
  }
  return std::nullopt;
}

template <class Event>
Event event_of(const events::AnswerConsent& command, const school::State& school,
               const Context& context) {
  const auto given_at_us = command.given_at_us == 0 ? context.now_us : command.given_at_us;
  Event event;
  event.purpose = command.purpose;
  event.notice_version = command.notice_version;
  event.language = command.language;
  event.answered_by = command.answered_by;
  event.route = command.route;
  event.school_year =
      static_cast<std::uint16_t>(school_year_of(school, today(school, given_at_us)).value_or(0));
  event.rule_set = kRuleSet;
  event.by_pupil = is_pupil(command);
  return event;
}

events::EventBody answered(const events::AnswerConsent& command, const Answer* known,
                           const school::State& school, const Context& context) {
  if (command.answer == ConsentAnswer::given) {
    return event_of<events::ConsentGiven>(command, school, context);
  }
  if (known != nullptr && known->voice == ConsentVoice::given) {
    return event_of<events::ConsentWithdrawn>(command, school, context);
  }
  return event_of<events::ConsentRefused>(command, school, context);
}

}  // namespace

void evolve(State& state, const events::ConsentEvent& event, const Happened& happened) {
  std::visit(
      Overloaded{
          [&](const events::ConsentGiven& e) { record(state, e, ConsentVoice::given, happened); },
          [&](const events::ConsentRefused& e) {
            record(state, e, ConsentVoice::refused, happened);
          },
          [&](const events::ConsentWithdrawn& e) {
            record(state, e, ConsentVoice::withdrawn, happened);
          },
      },
      event);
}

events::ConsentOutcome status_of(const State& state, const school::State& school,
                                 const child::State& child, events::PurposeId purpose) {
  const auto asked = school.purposes.find(purpose);
  if (asked == school.purposes.end()) return events::ConsentOutcome::no_response;
  std::vector<events::ConsentDecider> deciders;
  for (const auto& [account, guardian] : child.guardians) {
    if (guardian.authority != events::Authority::with) continue;
    const Answer* answer = answer_of(state, purpose, account);
    const auto voice = answer == nullptr ? ConsentVoice::silent : voice_now(*answer, asked->second);
    deciders.push_back({guardian.household, voice});
  }
  if (const auto answers = state.answers.find(purpose); answers != state.answers.end()) {
    for (const auto& [account, answer] : answers->second) {
      if (answer.by_pupil) deciders.push_back({0, voice_now(answer, asked->second), true});
    }
  }
  return events::consent_outcome(deciders, {school.one_household, school.two_households});
}

bool pupil_decides(events::Day birth_day, events::Day today) {
  const auto born = birth_day.date();
  const std::chrono::year_month_day turns{born.year() + std::chrono::years(kPupilDecidesFromYears),
                                          born.month(), born.day()};
  // Who was born on 29 February turns on 1 March where there is none: that is the day after the
  // last of February, as sys_days counts on.
  return events::Day::of(turns) <= today;
}

Decision decide(const events::AnswerConsent& command, const State& state,
                const school::State& school, const child::State& child, const Context& context) {
  if (!child.enrolled) return std::unexpected(Rejection::child_not_found);
  const auto purpose = school.purposes.find(command.purpose);
  if (purpose == school.purposes.end()) return std::unexpected(Rejection::purpose_not_found);
  if (const auto refused = refuse_decider(command, child, context)) {
    return std::unexpected(*refused);
  }
  if (const auto refused = refuse_route(command, context)) return std::unexpected(*refused);
  // Photos stay after a child has left, and so does the right to say no.
  const bool has_left = child.last_day && *child.last_day < today(school, context.now_us);
  if (has_left && command.answer == ConsentAnswer::given) {
    return std::unexpected(Rejection::child_left);
  }
  if (const auto refused = refuse_notice(command, purpose->second.notice)) {
    return std::unexpected(*refused);
  }
  const Answer* known = answer_of(state, command.purpose, command.answered_by);
  if (const auto refused = refuse_repeat(command, known)) return std::unexpected(*refused);
  return std::vector<events::NewEvent>{{events::consent_stream(command.child),
                                        answered(command, known, school, context),
                                        command.given_at_us}};
}

}  // namespace klasboek::aggregates::consent
