#include "aggregates/decide.h"

#include <algorithm>
#include <cassert>
#include <variant>

#include "aggregates/absence.h"
#include "aggregates/account.h"
#include "aggregates/calendar.h"
#include "aggregates/child.h"
#include "aggregates/consent.h"
#include "aggregates/delivery.h"
#include "aggregates/erasure.h"
#include "aggregates/fold.h"
#include "aggregates/group.h"
#include "aggregates/leave.h"
#include "aggregates/post.h"
#include "aggregates/preferences.h"
#include "aggregates/roster_import.h"
#include "aggregates/school.h"

namespace klasboek::aggregates {

namespace {

/// The command's own rules, without the question who may.
Decision decide_by_rules(const events::CommandBody& command, Facts& facts, const Context& context);

Decision publish(const events::PublishPost& command, Facts& facts, const Context& context) {
  std::vector<const group::State*> audience;
  audience.reserve(command.groups.size());
  for (const auto& group : command.groups) audience.push_back(&facts.group(group));
  return post::decide(command, facts.post(command.post), facts.school(), audience, context);
}

/// Reading the streams of the keys makes them conditions: of two erasures one lists a key, and who
/// seals under it at the same moment loses (R14).
Decision erase(const events::EraseSubject& command, Facts& facts, const Context& context) {
  const bool all_live =
      std::ranges::all_of(command.keys, [&](const auto& key) { return facts.key_lives(key); });
  if (!all_live) return std::unexpected(Rejection::key_retired);
  facts.version_of(events::erasure_stream(context.school));
  erasure::Subject subject;
  if (!command.child.is_zero()) {
    subject.child = &facts.child(command.child);
  } else if (!command.account.is_zero()) {
    subject.account = &facts.account(command.account);
  } else if (!command.post.is_zero()) {
    subject.post = &facts.post(command.post);
  }
  return erasure::decide(command, subject, today(facts.school(), context.now_us), context);
}

/// A grant for a child is for one that the school has.
Decision grant_audit(const events::GrantAudit& command, Facts& facts, const Context& context) {
  if (!command.of_child.is_zero() && !facts.child(command.of_child).enrolled) {
    return std::unexpected(Rejection::child_not_found);
  }
  return account::decide(command, facts.account(command.account),
                         today(facts.school(), context.now_us), context);
}

/// A chunk's steps see what the steps before them decided. One that is refused refuses them all.
Decision apply_chunk(const events::ApplyRosterChunk& command, Facts& facts,
                     const Context& context) {
  auto mark = roster_import::decide(command, facts.roster_import(command.roster_import), context);
  if (!mark) return mark;
  std::vector<events::NewEvent> all;
  for (const auto& step : command.steps) {
    const auto body = events::command_of(step);
    if (!body) return std::unexpected(Rejection::import_step_not_allowed);
    if (const auto refused = roster_import::refuse_step(*body)) return std::unexpected(*refused);
    auto decided = decide_by_rules(*body, facts, context);
    if (!decided) return decided;
    facts.evolve(*decided, context);
    std::ranges::move(*decided, std::back_inserter(all));
  }
  std::ranges::move(*mark, std::back_inserter(all));
  return all;
}

Decision decide_by_rules(const events::CommandBody& command, Facts& facts, const Context& context) {
  const auto today_here = [&] { return today(facts.school(), context.now_us); };
  const Overloaded rules{
      [&](const events::FoundSchool& c) { return school::decide(c, facts.school(), context); },
      [&](const events::RenameSchool& c) { return school::decide(c, facts.school(), context); },
      [&](const events::SetSchoolDays& c) { return school::decide(c, facts.school(), context); },
      [&](const events::SetSchoolYear& c) { return school::decide(c, facts.school(), context); },
      [&](const events::SetPostingWindow& c) { return school::decide(c, facts.school(), context); },
      [&](const events::SetConsentPolicy& c) { return school::decide(c, facts.school(), context); },
      [&](const events::AddPurpose& c) { return school::decide(c, facts.school(), context); },
      [&](const events::PublishNotice& c) { return school::decide(c, facts.school(), context); },
      [&](const events::FoundGroup& c) { return group::decide(c, facts.group(c.group), context); },
      [&](const events::RenameGroup& c) { return group::decide(c, facts.group(c.group), context); },
      [&](const events::CloseGroup& c) { return group::decide(c, facts.group(c.group), context); },
      [&](const events::AssignStaff& c) {
        return group::decide(c, facts.group(c.group), facts.account(c.account), context);
      },
      [&](const events::EndStaffAssignment& c) {
        return group::decide(c, facts.group(c.group), context);
      },
      [&](const events::EnrolChild& c) {
        return child::decide(c, facts.child(c.child),
                             c.group.is_zero() ? nullptr : &facts.group(c.group), context);
      },
      [&](const events::CorrectChild& c) {
        return child::decide(c, facts.child(c.child), context);
      },
      [&](const events::PlaceChild& c) {
        return child::decide(c, facts.child(c.child), facts.group(c.group), context);
      },
      [&](const events::RecordLeaver& c) {
        return child::decide(c, facts.child(c.child), context);
      },
      [&](const events::LinkGuardian& c) {
        return child::decide(c, facts.child(c.child), facts.account(c.guardian), today_here(),
                             context);
      },
      [&](const events::ChangeGuardianRelation& c) {
        return child::decide(c, facts.child(c.child), context);
      },
      [&](const events::RecordGuardianAuthority& c) {
        return child::decide(c, facts.child(c.child), context);
      },
      [&](const events::UnlinkGuardian& c) {
        return child::decide(c, facts.child(c.child), context);
      },
      [&](const events::OpenAccount& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::CorrectAccount& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::Invite& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::AcceptInvitation& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::GiveRole& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::EndRole& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::BlockAccount& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::UnblockAccount& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::CloseAccount& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::EndSessions& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::ChooseChannels& c) {
        return preferences::decide(c, facts.preferences(c.account), context);
      },
      [&](const events::PublishPost& c) { return publish(c, facts, context); },
      [&](const events::EditPost& c) { return post::decide(c, facts.post(c.post), context); },
      [&](const events::RetractPost& c) { return post::decide(c, facts.post(c.post), context); },
      [&](const events::AnswerConsent& c) {
        return consent::decide(c, facts.consent(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::ReportAbsence& c) {
        return absence::decide(c, facts.absence(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::ChangeAbsenceEnd& c) {
        return absence::decide(c, facts.absence(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::WithdrawAbsence& c) {
        return absence::decide(c, facts.absence(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::ReportRecovery& c) {
        return absence::decide(c, facts.absence(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::ClassifyAbsence& c) {
        return absence::decide(c, facts.absence(c.child), facts.school(), facts.child(c.child),
                               context);
      },
      [&](const events::RequestLeave& c) {
        return leave::decide(c, facts.leave(c.child), facts.school(), facts.child(c.child),
                             context);
      },
      [&](const events::DecideLeave& c) {
        return leave::decide(c, facts.leave(c.child), facts.school(), facts.child(c.child),
                             context);
      },
      [&](const events::WithdrawLeave& c) {
        return leave::decide(c, facts.leave(c.child), facts.school(), facts.child(c.child),
                             context);
      },
      [&](const events::ClaimDelivery& c) {
        return delivery::decide(c, facts.delivery(c.account), context);
      },
      [&](const events::RecordDelivery& c) {
        return delivery::decide(c, facts.delivery(c.account), context);
      },
      [&](const events::BeginRosterImport& c) {
        return roster_import::decide(c, facts.roster_import(c.roster_import), context);
      },
      [&](const events::ApplyRosterChunk& c) { return apply_chunk(c, facts, context); },
      [&](const events::CompleteRosterImport& c) {
        return roster_import::decide(c, facts.roster_import(c.roster_import), context);
      },
      [&](const events::EraseSubject& c) { return erase(c, facts, context); },
      [&](const events::RecordKeysDestroyed& c) {
        return erasure::decide(c, facts.erasure(), context);
      },
      [&](const events::SetStaffCodes& c) { return school::decide(c, facts.school(), context); },
      [&](const events::GrantAudit& c) { return grant_audit(c, facts, context); },
      [&](const events::EndAuditGrant& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::GiveMandate& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::AskPasswordReset& c) {
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
      [&](const events::ResetPassword& c) {
        return account::decide(c, facts.account(c.account), context);
      },
      [&](const events::RaiseShield& c) { return child::decide(c, facts.child(c.child), context); },
      [&](const events::LiftShield& c) { return child::decide(c, facts.child(c.child), context); },
      [&](const events::RecordAuditRead& c) {
        // Nothing is decided by what was read before, but two reads get their places one by one.
        static_cast<void>(facts.version_of(events::reading_stream(c.account)));
        return account::decide(c, facts.account(c.account), today_here(), context);
      },
  };
  return std::visit(rules, command);
}

/// Nothing may be sealed any more under a key that was erased meanwhile (R14).
bool keys_live(Facts& facts, const Context& context) {
  return std::ranges::all_of(context.texts, [&](const events::Sealed& text) {
    return text.ciphertext.empty() || facts.key_lives(text.key);
  });
}

/// R2: every stream that the commit writes is among its conditions.
bool all_conditioned(const std::vector<events::NewEvent>& events, const Facts& facts) {
  const auto conditions = facts.conditions();
  return std::ranges::all_of(events, [&](const auto& event) {
    return std::ranges::find(conditions, event.stream, &events::Condition::stream) !=
           conditions.end();
  });
}

}  // namespace

Decision decide(const events::CommandBody& command, Facts& facts, const Context& context) {
  if (const auto refused = refuse_actor(command, facts, context)) return std::unexpected(*refused);
  auto decision = decide_by_rules(command, facts, context);
  if (!decision) return decision;
  if (!keys_live(facts, context)) return std::unexpected(Rejection::key_retired);
  assert(all_conditioned(*decision, facts));
  return decision;
}

}  // namespace klasboek::aggregates
