// Erasure: the direction has a subject's texts forgotten, and sees how far that is, with the dates
// until which something of it may still lie somewhere (R14, R15).
#include <algorithm>

#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"
#include "reactions/erasure.h"

namespace klasboek::api {

namespace {

using aggregates::Rejection;
using events::RetentionClass;
using events::Role;
using events::SubjectRef;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr Names<events::ErasureGround, 3> kGrounds = {
    {{"request", events::ErasureGround::request},
     {"term_passed", events::ErasureGround::term_passed},
     {"objection", events::ErasureGround::objection}}};
/// What can be chosen; texts in transit go by themselves.
constexpr Names<RetentionClass, 7> kClasses = {
    {{"identity_attendance", RetentionClass::identity_attendance},
     {"leave", RetentionClass::leave},
     {"consent", RetentionClass::consent},
     {"conversation", RetentionClass::conversation},
     {"post", RetentionClass::post},
     {"medium", RetentionClass::medium},
     {"absence_note", RetentionClass::absence_note}}};
constexpr ListLimits kClassesLimits{.min = 1, .max = kClasses.size()};
/// Of one subject: one for each class, and those that came late.
constexpr ListLimits kKeysMax{.min = 1, .max = 1'000};

std::optional<SubjectRef> parse_erasable(std::string_view text) {
  if (const auto id = events::parse_id<events::ChildId>(text)) {
    return SubjectRef{events::SubjectKind::child, id->value};
  }
  if (const auto id = events::parse_id<events::AccountId>(text)) {
    return SubjectRef{events::SubjectKind::account, id->value};
  }
  if (const auto id = events::parse_id<events::PostId>(text)) {
    return SubjectRef{events::SubjectKind::post, id->value};
  }
  return std::nullopt;
}

std::string subject_text(const events::SubjectErased& erased) {
  const events::Uuid id{erased.subject_hi, erased.subject_lo};
  switch (erased.subject_kind) {
    case events::SubjectKind::child:
      return events::to_text(events::ChildId{id});
    case events::SubjectKind::account:
      return events::to_text(events::AccountId{id});
    case events::SubjectKind::post:
      return events::to_text(events::PostId{id});
    case events::SubjectKind::group:
    case events::SubjectKind::medium:
    case events::SubjectKind::conversation:
    case events::SubjectKind::roster_import:
    case events::SubjectKind::mail:
      break;
  }
  return {};
}

/// Lists what the vault holds of the subject in these classes.
std::expected<void, vault::VaultFault> list_keys(const Call& call, const SubjectRef& subject,
                                                 const std::vector<RetentionClass>& classes,
                                                 events::EraseSubject& command) {
  const auto listings = call.node.vault.keys().of_subject(call.school, subject);
  if (!listings) return std::unexpected(listings.error());
  for (const auto& listing : *listings) {
    if (std::ranges::find(classes, listing.scope.retention) == classes.end()) continue;
    command.keys.push_back(listing.id);
    command.statutory |= reactions::is_statutory(listing.scope.retention);
  }
  return {};
}

std::string path_of(const Call& call, const events::EventId& erasure) {
  return "/v1/schools/" + events::to_text(call.school) + "/erasures/" + events::to_text(erasure);
}

Response erase(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto subject = reader.parsed("subject", parse_erasable, "a child, an account or a post");
  const auto ground = reader.one_of<events::ErasureGround>("ground", kGrounds);
  std::vector<RetentionClass> classes;
  reader.optional_list("classes", kClassesLimits, [&](JsonItem& item) {
    if (const auto one = item.one_of<RetentionClass>(kClasses)) classes.push_back(*one);
  });
  if (const auto problem = reader.finish()) return call.problem(*problem);
  if (classes.empty()) {
    for (const auto& [name, one] : kClasses) classes.push_back(one);
  }
  Change change;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    auto command = reactions::erasure_of(*subject);
    command.ground = ground;
    if (const auto listed = list_keys(call, *subject, classes, command); !listed) {
      return std::unexpected(listed.error());
    }
    return command;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    const auto id = events.front().event;
    return changed(
        events, [&](JsonWriter& json) { json.text("id", events::to_text(id)); }, path_of(call, id));
  };
  return carry_out(call, change);
}

/// One erasure, and the event that says that it is done.
struct Found {
  events::RecordedEvent erased;
  std::optional<events::RecordedEvent> destroyed;

  [[nodiscard]] const events::SubjectErased& body() const {
    return std::get<events::SubjectErased>(erased.body);
  }
};

/// Oldest first. From the log itself: it is the log that says what is erased.
std::vector<Found> erasures_of(const Call& call) {
  std::vector<Found> found;
  const auto streams = call.shard->ledger().snapshot(call.school);
  streams->read(events::erasure_stream(call.school), [&](const events::RecordedEvent& event) {
    if (std::holds_alternative<events::SubjectErased>(event.body)) {
      found.push_back({event, std::nullopt});
    } else if (const auto* done = std::get_if<events::KeysDestroyed>(&event.body)) {
      const auto of = std::ranges::find_if(
          found, [&](const Found& one) { return one.body().keys == done->keys; });
      if (of != found.end()) of->destroyed = event;
    }
  });
  return found;
}

/// What may still lie somewhere, and until when (R15).
void write_promise(JsonWriter& json, const Call& call, std::int64_t destroyed_at_us) {
  const auto& terms = call.node.erasure_terms;
  json.begin_object("promise").instant("unreadable_since", destroyed_at_us);
  if (terms.topic_us > 0) {
    json.instant("gone_from_secrets_topic_by", destroyed_at_us + terms.topic_us);
  }
  json.instant("gone_from_vault_backups_by", destroyed_at_us + terms.backups_us).end_object();
}

void write_erasure(JsonWriter& json, const Call& call, const Found& found) {
  const auto& body = found.body();
  json.begin_object()
      .text("id", events::to_text(found.erased.event))
      .text("subject", subject_text(body))
      .text("ground", name_in(kGrounds, body.ground))
      .instant("erased_at", found.erased.recorded_at_us)
      .integer("position", static_cast<std::int64_t>(found.erased.sequence));
  // An account's id isn't a name; without one it was the program, for what came too late.
  if (!found.erased.actor.account.is_zero()) {
    json.text("erased_by", events::to_text(found.erased.actor.account));
  }
  json.begin_array("keys");
  for (const auto& key : body.keys) json.text(events::to_text(key));
  json.end_array().text("state", found.destroyed ? "destroyed" : "being_destroyed");
  if (found.destroyed) {
    json.instant("destroyed_at", found.destroyed->recorded_at_us)
        .integer("destroyed_position", static_cast<std::int64_t>(found.destroyed->sequence));
    write_promise(json, call, found.destroyed->recorded_at_us);
  }
  json.end_object();
}

Response see_erasure(Call& call) {
  const auto id = call.path_id<events::EventId>("erasure");
  if (!id) return call.problem(not_found());
  const auto all = erasures_of(call);
  const auto found =
      std::ranges::find_if(all, [&](const Found& one) { return one.erased.event == *id; });
  if (found == all.end()) return call.problem(not_found());
  std::string text;
  JsonWriter json(text);
  write_erasure(json, call, *found);
  const auto last = found->destroyed.value_or(found->erased);
  return tagged(call, last.stream_version, std::move(text));
}

Response see_erasures(Call& call) {
  const auto all = erasures_of(call);
  return whole_list(call, all.size(), [&](JsonWriter& json) {
    for (const auto& one : all) write_erasure(json, call, one);
  });
}

Access erasers() { return members({{Role::director}, {Role::deputy}}); }
Access readers() {
  return members({{Role::director}, {Role::deputy}, {Role::auditor, Reach::granted}});
}

/// Of a child, an account or a post.
schema::Schema subject_id() { return schema::opaque(100, "post_01h455vb4pex5vsknk084sn02q"); }

schema::Schema erasure_body() {
  return schema::named(
      "ErasureRequest",
      schema::body(
          {required("subject", subject_id()), required("ground", schema::one_of_table(kGrounds)),
           optional("classes", schema::list(kClassesLimits, schema::one_of_table(kClasses)))}));
}

schema::Schema erasure_shape() {
  const auto promise = schema::object({required("unreadable_since", schema::instant()),
                                       seldom("gone_from_secrets_topic_by", schema::instant()),
                                       required("gone_from_vault_backups_by", schema::instant())});
  return schema::named(
      "Erasure",
      schema::object(
          {required("id", schema::id<events::EventId>()), required("subject", subject_id()),
           required("ground", schema::one_of_table(kGrounds)),
           required("erased_at", schema::instant()), required("position", schema::position()),
           optional("erased_by", schema::id<events::AccountId>()),
           required("keys", schema::list(kKeysMax, schema::id<events::KeyId>())),
           required("state", schema::one_of({"destroyed", "being_destroyed"})),
           optional("destroyed_at", schema::instant()),
           optional("destroyed_position", schema::position()),
           optional("promise", schema::named("ErasurePromise", promise))}));
}

}  // namespace

std::vector<Route> erasure_routes() {
  return {
      {Method::post, "/v1/schools/{school}/erasures", "erase_subject",
       "Have texts of a child, an account or a post forgotten: their keys are destroyed", erasers(),
       erase,
       makes(position_and_id<events::EventId>())
           .takes(erasure_body())
           .refuses({Rejection::child_not_found, Rejection::account_not_found,
                     Rejection::post_not_found, Rejection::erasure_of_oneself,
                     Rejection::erasure_of_nothing, Rejection::erasure_before_term,
                     Rejection::erasure_of_open_account,
                     Rejection::own_child_is_decided_by_another})},
      {Method::get, "/v1/schools/{school}/erasures", "see_erasures", "Erasures, oldest first",
       readers(), see_erasures, gives(page_of(erasure_shape())).versioned()},
      {Method::get, "/v1/schools/{school}/erasures/{erasure}", "see_erasure",
       "One erasure: which keys, whether they are destroyed, and until when they may still lie in "
       "the topic of secrets and in backups",
       readers(), see_erasure, gives(erasure_shape()).versioned()},
  };
}

}  // namespace klasboek::api
