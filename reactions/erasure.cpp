#include "reactions/erasure.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace klasboek::reactions {

namespace {

using Done = std::expected<void, vault::VaultFault>;

const events::Actor kErasureReaction{{}, events::Role::system, {}};
constexpr std::int64_t kUsPerMs = 1000;
/// A command that was under way when its subject was erased is settled within this time.
constexpr std::int64_t kUnderWayUsMax = 10LL * 60 * 1'000'000;

Order order_in_log(const events::SchoolId& school, const events::EventId& cause,
                   std::string_view reaction, events::CommandBody body) {
  Order order;
  order.school = school;
  order.actor = kErasureReaction;
  order.command = events::command_id_of_reaction(reaction, cause);
  order.causation = cause;
  order.build = [body = std::move(body)](
                    vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return body;
  };
  return order;
}

/// Decided, one way or the other.
bool is_settled(const log::SubmitOutcome& outcome) {
  return std::holds_alternative<log::Done>(outcome) ||
         std::holds_alternative<log::Refused>(outcome);
}

bool lists(const std::vector<events::KeyId>& keys, const events::KeyId& key) {
  return std::ranges::find(keys, key) != keys.end();
}

}  // namespace

events::EraseSubject erasure_of(const events::SubjectRef& subject) {
  events::EraseSubject command;
  if (subject.kind == events::SubjectKind::child) command.child = {subject.id};
  if (subject.kind == events::SubjectKind::account) command.account = {subject.id};
  if (subject.kind == events::SubjectKind::post) command.post = {subject.id};
  return command;
}

bool is_statutory(events::RetentionClass retention) {
  return retention == events::RetentionClass::identity_attendance ||
         retention == events::RetentionClass::leave;
}

Done ErasureRoom::destroy_listed() {
  Done outcome;
  for (const auto& shard : node_.shards.all()) {
    for (const auto& school : shard->ledger().schools()) follow(shard->ledger(), school);
  }
  for (auto& [school, followed] : schools_) {
    for (auto& erasure : followed.open) {
      if (erasure.destroyed) continue;
      if (const auto destroyed = destroy(erasure); !destroyed) outcome = destroyed;
    }
  }
  return outcome;
}

void ErasureRoom::round(const std::stop_token& stop) {
  if (const auto destroyed = destroy_listed(); !destroyed) {
    spdlog::warn("erasure: keys can't be destroyed now ({}); tried again",
                 vault::name_of(destroyed.error()));
  }
  for (auto& [school, followed] : schools_) {
    for (auto& erasure : followed.open) {
      if (stop.stop_requested()) return;
      const bool complete = list_latecomers(erasure);
      if (complete && erasure.destroyed && !erasure.recorded) record(erasure);
    }
    std::erase_if(followed.open, [&](const Erasure& erasure) {
      return erasure.destroyed && erasure.recorded &&
             node_.now_us() - erasure.erased_at_us > kUnderWayUsMax;
    });
  }
}

void ErasureRoom::follow(const log::Ledger& ledger, events::SchoolId school) {
  auto& followed = schools_[school];
  const auto take_in = [&](const events::RecordedEvent& event) {
    if (const auto* erased = std::get_if<events::SubjectErased>(&event.body)) {
      Erasure erasure;
      erasure.school = school;
      erasure.cause = event.event;
      erasure.subject = {erased->subject_kind, {erased->subject_hi, erased->subject_lo}};
      erasure.ground = erased->ground;
      erasure.erased_at_us = event.recorded_at_us;
      erasure.keys = erased->keys;
      followed.open.push_back(std::move(erasure));
    } else if (const auto* destroyed = std::get_if<events::KeysDestroyed>(&event.body)) {
      for (auto& erasure : followed.open) {
        erasure.recorded |= erasure.keys == destroyed->keys;
      }
    }
  };
  const auto streams = ledger.snapshot(school);
  followed.version = streams->read_after(events::erasure_stream(school), followed.version, take_in);
}

Done ErasureRoom::destroy(Erasure& erasure) {
  const auto listings = node_.vault.keys().of_subject(erasure.school, erasure.subject);
  if (!listings) return std::unexpected(listings.error());
  for (const auto& listing : *listings) {
    if (lists(erasure.keys, listing.id)) {
      erasure.classes.insert(listing.scope.retention);
    }
  }
  // Before the keys: as long as these are there, it is seen that it has to be done.
  if (const auto forgotten = forget_names(erasure); !forgotten) return forgotten;
  if (const auto destroyed = node_.vault.keys().destroy(erasure.keys); !destroyed) {
    return destroyed;
  }
  erasure.destroyed = true;
  return {};
}

/// What the outside calls him is an index of him (R16): it goes with his name.
Done ErasureRoom::forget_names(const Erasure& erasure) {
  if (!erasure.classes.contains(events::RetentionClass::identity_attendance)) return {};
  if (erasure.subject.kind == events::SubjectKind::account) {
    const auto left = node_.vault.logins().leave({erasure.school, {erasure.subject.id}});
    if (!left) return left;
  }
  return node_.vault.lookup().forget(erasure.subject.id);
}

/// A command that was under way when its subject was erased may have sealed under a key that
/// nobody knew of yet. It is erased like the others.
bool ErasureRoom::list_latecomers(const Erasure& erasure) {
  if (erasure.classes.empty()) return true;
  const auto listings = node_.vault.keys().of_subject(erasure.school, erasure.subject);
  if (!listings) return false;
  auto command = erasure_of(erasure.subject);
  command.ground = erasure.ground;
  for (const auto& listing : *listings) {
    const bool is_late = erasure.classes.contains(listing.scope.retention) &&
                         !lists(erasure.keys, listing.id) &&
                         listing.minted_at_ms * kUsPerMs <= erasure.erased_at_us;
    if (!is_late) continue;
    command.keys.push_back(listing.id);
    command.statutory |= is_statutory(listing.scope.retention);
  }
  if (command.keys.empty()) return true;
  // One more key may come with each command that was under way: the last of them tells them apart.
  const auto reaction = "erasure of latecomers " + events::to_text(command.keys.back());
  return is_settled(
      carry_out(node_, order_in_log(erasure.school, erasure.cause, reaction, command)));
}

void ErasureRoom::record(Erasure& erasure) {
  events::RecordKeysDestroyed command;
  command.keys = erasure.keys;
  const auto outcome =
      carry_out(node_, order_in_log(erasure.school, erasure.cause, "keys destroyed", command));
  // Refused: another node was first.
  if (!is_settled(outcome)) return;
  erasure.recorded = true;
  spdlog::info("erasure: {} keys of {} are destroyed", erasure.keys.size(),
               events::to_text(erasure.cause));
}

}  // namespace klasboek::reactions
