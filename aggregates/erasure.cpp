#include "aggregates/erasure.h"

#include <algorithm>
#include <utility>

#include "aggregates/account.h"
#include "aggregates/child.h"
#include "aggregates/fold.h"
#include "aggregates/post.h"

namespace klasboek::aggregates::erasure {

namespace {

/// The first day on which nothing has to be kept any more. 29 February becomes 1 March.
events::Day end_of_term(events::Day last_day) {
  auto date = last_day.date() + std::chrono::years(kStatutoryYears);
  if (!date.ok()) date = date.year() / std::chrono::March / 1;
  return events::Day::of(date).plus(1);
}

std::optional<Rejection> refuse_child(const events::EraseSubject& command,
                                      const child::State& child, events::Day today) {
  if (!child.enrolled) return Rejection::child_not_found;
  if (!command.statutory) return std::nullopt;
  if (!child.last_day || today < end_of_term(*child.last_day)) {
    return Rejection::erasure_before_term;
  }
  return std::nullopt;
}

std::optional<Rejection> refuse_account(const events::EraseSubject& command,
                                        const account::State& account, events::Day today,
                                        const Context& context) {
  if (!account.open) return Rejection::account_not_found;
  if (command.account == context.actor.account) return Rejection::erasure_of_oneself;
  if (account::is_open(account, today)) return Rejection::erasure_of_open_account;
  return std::nullopt;
}

std::optional<Rejection> refuse(const events::EraseSubject& command, const Subject& subject,
                                events::Day today, const Context& context) {
  if (subject.child != nullptr) return refuse_child(command, *subject.child, today);
  if (subject.account != nullptr) {
    return refuse_account(command, *subject.account, today, context);
  }
  if (subject.post == nullptr || !subject.post->published) return Rejection::post_not_found;
  return std::nullopt;
}

/// Kind and id of what the command is about.
std::pair<events::SubjectKind, events::Uuid> subject_of(const events::EraseSubject& command) {
  if (!command.child.is_zero()) return {events::SubjectKind::child, command.child.value};
  if (!command.account.is_zero()) return {events::SubjectKind::account, command.account.value};
  return {events::SubjectKind::post, command.post.value};
}

}  // namespace

void evolve(State& state, const events::ErasureEvent& event, const Happened& /*happened*/) {
  std::visit(Overloaded{
                 [&](const events::SubjectErased& e) {
                   state.listed.insert(e.keys.begin(), e.keys.end());
                 },
                 // On the key's own stream.
                 [](const events::KeyRetired&) {},
                 [&](const events::KeysDestroyed& e) {
                   for (const auto& key : e.keys) {
                     state.listed.erase(key);
                     state.destroyed.insert(key);
                   }
                 },
             },
             event);
}

Decision decide(const events::EraseSubject& command, const Subject& subject, events::Day today,
                const Context& context) {
  if (const auto refused = refuse(command, subject, today, context)) {
    return std::unexpected(*refused);
  }
  if (command.keys.empty()) return std::unexpected(Rejection::erasure_of_nothing);
  events::SubjectErased erased;
  const auto [kind, id] = subject_of(command);
  erased.subject_kind = kind;
  erased.subject_hi = id.hi;
  erased.subject_lo = id.lo;
  erased.keys = command.keys;
  erased.ground = command.ground;
  auto decision = on_stream(events::erasure_stream(context.school), std::move(erased));
  for (const auto& key : command.keys) {
    events::KeyRetired retired;
    retired.key = key;
    decision.push_back({events::key_stream(key), retired, 0});
  }
  return decision;
}

Decision decide(const events::RecordKeysDestroyed& command, const State& state,
                const Context& context) {
  if (command.keys.empty()) return std::unexpected(Rejection::keys_not_listed);
  for (const auto& key : command.keys) {
    if (state.destroyed.contains(key)) return std::unexpected(Rejection::keys_already_destroyed);
    if (!state.listed.contains(key)) return std::unexpected(Rejection::keys_not_listed);
  }
  events::KeysDestroyed destroyed;
  destroyed.keys = command.keys;
  return on_stream(events::erasure_stream(context.school), std::move(destroyed));
}

}  // namespace klasboek::aggregates::erasure
