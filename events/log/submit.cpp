#include "events/log/submit.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace klasboek::log {

namespace {

/// What an earlier request with this command id did, told to whoever asks again.
SubmitOutcome repeat_of(const Ledger& ledger, const SubmitRequest& request,
                        const DuplicateCommand& before) {
  if (const auto* settled = std::get_if<SettledRejection>(&before.before)) {
    return Refused{settled->name};
  }
  const auto& applied = std::get<Applied>(before.before);
  const auto commit = ledger.commit_of_sequence(request.school, applied.first_sequence);
  if (!commit) return UnknownOutcome{"an applied command has no record"};
  if (request.same_request && !commit->frame.fingerprint.empty() &&
      !request.same_request(commit->frame.fingerprint)) {
    return OtherRequest{};
  }
  return Done{commit->position, applied.first_sequence, applied.count, true};
}

events::NewCommit commit_of(const SubmitRequest& request, Prepared& prepared) {
  events::NewCommit commit;
  commit.school = request.school;
  commit.command = request.command;
  commit.attempt = request.draw_attempt();
  commit.decided_at_us = prepared.decided_at_us;
  commit.actor = prepared.actor;
  commit.causation = prepared.causation;
  commit.conditions = std::move(prepared.conditions);
  commit.events = std::move(prepared.events);
  commit.input = std::move(prepared.input);
  commit.fingerprint = request.fingerprint;
  return commit;
}

/// Every written stream is a condition too, at the version that was read or, unread, as new.
void complete_conditions(Prepared& prepared) {
  for (const auto& event : prepared.events) {
    const auto same_stream = [&](const events::Condition& condition) {
      return condition.stream == event.stream;
    };
    if (!std::ranges::any_of(prepared.conditions, same_stream)) {
      prepared.conditions.push_back({event.stream, 0});
    }
  }
}

struct ToSubmitOutcome {
  const Ledger& ledger;
  const SubmitRequest& request;

  std::optional<SubmitOutcome> operator()(const Committed& committed) const {
    return Done{committed.position, committed.applied.first_sequence, committed.applied.count,
                false};
  }
  std::optional<SubmitOutcome> operator()(const MovedStream&) const { return std::nullopt; }
  std::optional<SubmitOutcome> operator()(const DuplicateCommand& duplicate) const {
    return repeat_of(ledger, request, duplicate);
  }
  std::optional<SubmitOutcome> operator()(const SettledRejection& settled) const {
    return Refused{settled.name};
  }
  std::optional<SubmitOutcome> operator()(const Unavailable& outcome) const { return outcome; }
  std::optional<SubmitOutcome> operator()(const UnknownOutcome& outcome) const { return outcome; }
  std::optional<SubmitOutcome> operator()(const TooLarge& outcome) const { return outcome; }
};

}  // namespace

std::variant<SubmitOutcome, PendingCommit> Submission::settle(const Declined& declined) {
  if (!log_.settles_rejections()) return Refused{declined.rejection};
  settles_ = true;
  PendingCommit pending;
  pending.commit.school = request_.school;
  pending.commit.command = request_.command;
  pending.commit.attempt = request_.draw_attempt();
  pending.commit.decided_at_us = declined.decided_at_us;
  pending.commit.rejection = declined.rejection;
  return pending;
}

std::variant<SubmitOutcome, PendingCommit> Submission::next() {
  if (tries_++ == kSubmitTriesMax) return Contended{};
  if (const auto before = log_.ledger().find_command(request_.school, request_.command)) {
    return repeat_of(log_.ledger(), request_, *before);
  }
  auto prepared = request_.decide(*log_.ledger().snapshot(request_.school));
  if (!prepared) return settle(prepared.error());
  if (prepared->events.empty()) return Done{};
  complete_conditions(*prepared);
  PendingCommit pending;
  pending.minted_keys = std::move(prepared->minted_keys);
  pending.commit = commit_of(request_, *prepared);
  return pending;
}

std::optional<SubmitOutcome> Submission::take(const AppendOutcome& outcome) const {
  auto told = std::visit(ToSubmitOutcome{log_.ledger(), request_}, outcome);
  if (!told && settles_) {
    return UnknownOutcome{"a settling record has no conditions, and yet one moved"};
  }
  return told;
}

SubmitOutcome submit(EventLog& log, const SubmitRequest& request) {
  Submission submission(log, request);
  for (;;) {
    auto next = submission.next();
    if (auto* outcome = std::get_if<SubmitOutcome>(&next)) return std::move(*outcome);
    const auto outcome = append_and_wait(log, std::get<PendingCommit>(std::move(next)),
                                         request.wait_max, request.when_seen);
    if (auto told = submission.take(outcome)) return *std::move(told);
  }
}

}  // namespace klasboek::log
