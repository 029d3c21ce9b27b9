// R12 and R13: one key for one sealed value, and keys that are there before what they seal.
#include <catch2/catch.hpp>
#include <set>

#include "events/sealed_texts.h"
#include "tests/support/api_school.h"
#include "tests/support/log_fixture.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using events::RetentionClass;
using events::SubjectKind;
using events::SubjectRef;
using events::wire::StreamKind;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
const auto kSchool = school_number(1);
const SubjectRef kChild{SubjectKind::child, {2, 1}};
constexpr events::CommandId kCommand = {7};

/// Whose text an event on the stream holds: the person's or the thing's that the stream is about.
SubjectRef subject_of(const events::Stream& stream) {
  switch (stream.kind) {
    case StreamKind::child:
    case StreamKind::absence:
    case StreamKind::leave:
    case StreamKind::consent:
      return {SubjectKind::child, stream.subject};
    case StreamKind::account:
      return {SubjectKind::account, stream.subject};
    case StreamKind::group:
      return {SubjectKind::group, stream.subject};
    case StreamKind::post:
      return {SubjectKind::post, stream.subject};
    case StreamKind::none:
    case StreamKind::school:
    case StreamKind::preferences:
    case StreamKind::reading:
    case StreamKind::gathering:
    case StreamKind::conversation:
    case StreamKind::content_report:
    case StreamKind::media:
    case StreamKind::delivery:
    case StreamKind::erasure:
    case StreamKind::key:
    case StreamKind::roster_import:
      break;
  }
  FAIL("a sealed text on the stream " << to_text(stream));
  return {};
}

/// A school in which everything that holds a text has happened, some of it twice.
void live(ApiSchool& school) {
  const auto child = "/children/" + school.id("child");
  for (const char* given : {"Noor", "Nora"}) {
    ApiSchool::done(school.patch(
        "office", child,
        {{"name", {{"given", given}, {"family", "Voorbeeld"}}}, {"birth_day", "2020-03-02"}}));
  }
  const auto leave = ApiSchool::done(school.post("mother", "/leaves",
                                                 {{"children", {school.id("child")}},
                                                  {"ground", "other_circumstances"},
                                                  {"first_day", "2026-11-02"},
                                                  {"last_day", "2026-11-03"},
                                                  {"motivation", "Een bruiloft"}}));
  ApiSchool::done(school.post("director",
                              "/leaves/" + std::string(leave["items"][0]["id"]) + "/decision",
                              {{"verdict", "refuse"}, {"reasons", "Een bruiloft"}}));
  for (const char* who : {"mother", "father"}) {
    ApiSchool::done(school.post(who, "/absences",
                                {{"children", {school.id("child")}},
                                 {"reason", "ill"},
                                 {"first_day", "2026-10-06"},
                                 {"note", "Koorts"}}));
  }
  for (const char* title : {"Zwemles", "Museum"}) {
    const auto post = ApiSchool::done(
        school.post("teacher", "/posts",
                    {{"groups", {school.id("class")}}, {"title", title}, {"text", "Tot dan!"}}));
    const auto path = "/posts/" + std::string(post["id"]);
    ApiSchool::done(school.patch("teacher", path, {{"title", title}, {"text", "Neem brood mee"}}));
  }
  ApiSchool::done(school.patch("office", "/groups/" + school.id("class"), {{"name", "Groep 4"}}));
}

/// Calls visit for every sealed text in the log of the school, with its event.
template <class Visit>
void for_every_text(ApiSchool& school, const Visit& visit) {
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  const auto& ledger = school.installation().node().shards.of(id).ledger();
  ledger.read_commits(id, 0, [&](const log::StoredCommit& commit) {
    const auto recorded = ledger.events_of(commit);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
      for (const auto& text : events::sealed_texts_in(commit.frame.events[i].bytes)) {
        visit(recorded[i], text);
      }
    }
    return true;
  });
}

TEST_CASE("R12 a sealed value opens where it was sealed, and in no other school, command or slot") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
  REQUIRE(sealer.seal(kChild, RetentionClass::leave, "verhuizing") == 1);
  REQUIRE(sealer.seal(kChild, RetentionClass::leave, "bruiloft") == 2);
  REQUIRE(sealer.seal(kChild, RetentionClass::consent, "ja") == 3);
  REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());
  const auto& text = sealer.texts()[0];
  const auto opens = [&](const events::Sealed& sealed, const events::SchoolId& school,
                         const events::CommandId& command) {
    return vault->unseal(school, command, sealed).has_value();
  };
  CHECK(opens(text, kSchool, kCommand));
  CHECK_FALSE(opens(text, school_number(2), kCommand));
  CHECK_FALSE(opens(text, kSchool, {8}));
  auto moved = text;
  moved.slot = 2;
  CHECK_FALSE(opens(moved, kSchool, kCommand));
  auto of_other_key = text;
  of_other_key.key = sealer.texts()[2].key;
  CHECK_FALSE(opens(of_other_key, kSchool, kCommand));
  // Nor under another id of the very same key.
  const auto key = vault->keys().find(text.key);
  REQUIRE(key.has_value());
  CHECK(events::unseal(key->span(), kSchool, kCommand, text) == "verhuizing");
  CHECK_FALSE(events::unseal(key->span(), kSchool, kCommand, of_other_key).has_value());
}

TEST_CASE("R12 everybody's text hangs on his own key, a thing's on its own, each class apart") {
  ApiSchool school;
  live(school);
  const auto listings = school.installation().vault().keys().all();
  REQUIRE(listings.has_value());
  std::map<events::KeyId, vault::KeyScope> scopes;
  for (const auto& listing : *listings) scopes.emplace(listing.id, listing.scope);
  std::set<StreamKind> kinds;
  std::map<SubjectRef, std::set<events::KeyId>> keys;
  for_every_text(school, [&](const events::RecordedEvent& event, const events::Sealed& text) {
    CAPTURE(name_of(event.body));
    REQUIRE(scopes.contains(text.key));
    const auto& scope = scopes.at(text.key);
    CHECK(scope.school == event.school);
    CHECK((scope.subject == subject_of(event.stream)));
    kinds.insert(event.stream.kind);
    keys[scope.subject].insert(text.key);
  });
  CHECK(kinds == std::set{StreamKind::group, StreamKind::child, StreamKind::absence,
                          StreamKind::leave, StreamKind::account, StreamKind::post});
  // Of a child: identity, notes of absence, leave. Each can go without the others.
  const auto child = *events::parse_id<events::ChildId>(school.id("child"));
  CHECK(keys[(SubjectRef{SubjectKind::child, child.value})].size() == 3);
}

TEST_CASE("R12 no event holds a sealed value of another command, and none twice") {
  ApiSchool school;
  live(school);
  std::set<std::vector<std::uint8_t>> nonces;
  int texts = 0;
  for_every_text(school, [&](const events::RecordedEvent& event, const events::Sealed& text) {
    CAPTURE(name_of(event.body));
    // Bound to its command: a copy out of another event wouldn't open here.
    CHECK(school.installation().vault().unseal(event.school, event.command, text).has_value());
    CHECK(nonces.insert(text.nonce).second);
    ++texts;
  });
  CHECK(texts > 20);
}

TEST_CASE("R13 of several keys all become durable, or none") {
  VaultDirectory directory;
  {
    const auto vault = directory.open();
    auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
    REQUIRE(sealer.seal(kChild, RetentionClass::leave, "verhuizing").has_value());
    REQUIRE(sealer.seal(kChild, RetentionClass::consent, "ja").has_value());
    REQUIRE(sealer.minted().size() == 2);
    // In memory until the log asks for it.
    for (const auto& id : sealer.key_ids()) {
      CHECK(vault->keys().find(id).error() == vault::UnsealFault::key_missing);
    }
    REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());
    for (const auto& id : sealer.key_ids()) CHECK(vault->keys().find(id).has_value());
  }
  const auto again = directory.open();
  CHECK(again->keys().all()->size() == 2);
}

TEST_CASE("R13 every text in the log has a key that is durable, and was so with its commit") {
  ApiSchool school;
  live(school);
  int texts = 0;
  for_every_text(school, [&](const events::RecordedEvent& event, const events::Sealed& text) {
    CAPTURE(name_of(event.body));
    CHECK(school.installation().vault().keys().find(text.key).has_value());
    ++texts;
  });
  CHECK(texts > 20);
}

TEST_CASE("R10 the same Idempotency-Key with another body is refused, until the key is erased") {
  ApiSchool school;
  const auto ask = [&](const std::string& note) {
    return school.send("POST", school.root() + "/absences", "mother",
                       json{{"children", {school.id("child")}},
                            {"reason", "ill"},
                            {"first_day", "2026-10-06"},
                            {"note", note}}
                           .dump(),
                       {{"Idempotency-Key", "a-key-of-the-mother"}});
  };
  const auto first = ask("Koorts");
  REQUIRE(first.status == 201);
  const auto again = ask("Koorts");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  const auto other = ask("Buikpijn");
  CHECK(other.status == 422);
  CHECK(other.code() == "idempotency_key_reused");
  // Whoever is forgotten can't be compared with any more: the command id alone counts.
  auto& keys = school.installation().vault().keys();
  const auto mother = *events::parse_id<events::AccountId>(school.id("mother"));
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  std::vector<events::KeyId> of_mother;
  const auto listings = keys.of_subject(id, {SubjectKind::account, mother.value});
  REQUIRE(listings.has_value());
  for (const auto& listing : *listings) of_mother.push_back(listing.id);
  REQUIRE_FALSE(of_mother.empty());
  REQUIRE(keys.destroy(of_mother).has_value());
  const auto after = ask("Buikpijn");
  CHECK(after.status == 201);
  CHECK(after.body == first.body);
}

}  // namespace
}  // namespace klasboek::tests
