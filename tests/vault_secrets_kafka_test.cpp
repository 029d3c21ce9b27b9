#include <librdkafka/rdkafka.h>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/kafka_broker.h"
#include "tests/support/vault_place.h"
#include "vault/secret_record.h"
#include "vault/vault.h"

namespace klasboek::tests {
namespace {

using events::RetentionClass;
using events::SubjectRef;
using vault::KafkaPlace;
using vault::LookupKind;
using vault::Membership;
using vault::OpenFault;
using vault::RowKind;
using vault::UnsealFault;
using vault::Vault;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
constexpr std::string_view kEmail = "fenna@voorbeeld.example";
constexpr std::string_view kPassword = "vier blauwe fietsen";
constexpr events::CommandId kCommand = {1};
const events::SchoolId kSchool{{1, 1}};
const Membership kMembership{kSchool, {{5, 1}}};
const SubjectRef kChild{events::wire::SubjectKind::child, {2, 1}};

KafkaPlace place_at(const KafkaBroker& broker, const std::string& topic) {
  return {.bootstrap = broker.bootstrap(), .topic = topic, .client_settings = {}};
}

KafkaPlace new_topic() {
  return place_at(KafkaBroker::shared(), KafkaBroker::unique_topic("secrets"));
}

// One machine of several: its own directory and its own randomness.
struct Node {
  explicit Node(std::uint64_t first_seed) : seed(first_seed) {}

  std::expected<std::unique_ptr<Vault>, vault::OpenError> try_open(const KafkaPlace& topic,
                                                                   std::uint8_t master = 1) {
    auto place = directory.place(master);
    place.random = seeded_random(++seed);
    return Vault::open(place, topic);
  }
  std::unique_ptr<Vault> open(const KafkaPlace& topic) {
    auto opened = try_open(topic);
    if (!opened) FAIL(opened.error().explanation);
    return std::move(*opened);
  }
  OpenFault fault_of_opening(const KafkaPlace& topic, std::uint8_t master = 1) {
    const auto opened = try_open(topic, master);
    REQUIRE_FALSE(opened.has_value());
    CHECK_THAT(opened.error().explanation, Catch::Contains(topic.topic));
    return opened.error().fault;
  }

  VaultDirectory directory;
  std::uint64_t seed;
};

// Returns when this node has everything that was written before: its own write comes after it.
void catch_up(Vault& vault) {
  static std::uint64_t n = 0;
  REQUIRE(vault.logins().forget_preparation({0xFF, static_cast<std::uint8_t>(++n)}).has_value());
}

events::Sealed seal_durably(Vault& vault, std::string_view text,
                            const SubjectRef& subject = kChild) {
  auto sealer = vault.sealer(kSchool, kCommand, kNowUs);
  REQUIRE(sealer.seal(subject, RetentionClass::identity_attendance, text).has_value());
  REQUIRE(vault.key_sink().make_durable(sealer.minted()).has_value());
  return sealer.texts().front();
}

void set_password(Vault& vault) {
  REQUIRE(vault.logins().prepare_password(kCommand, kEmail, kMembership, kPassword).has_value());
  REQUIRE(vault.logins().set_password_by_invitation(kCommand, kMembership).has_value());
}

// What somebody writes into the topic who has no business there.
void produce_raw(const KafkaPlace& topic, const vault::SecretRecord& record) {
  const auto producer = vault::make_producer(topic, nullptr);
  REQUIRE(producer.has_value());
  const auto handle = vault::topic_of(topic, producer->get());
  REQUIRE(vault::produce(handle.get(), record, nullptr));
  REQUIRE(rd_kafka_flush(producer->get(), 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace

TEST_CASE("what one node seals the other reads, and a node that comes later too") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  Node third(300);
  const auto here = first.open(topic);
  const auto there = second.open(topic);
  const events::Sealed sealed = seal_durably(*here, "Sietske");
  catch_up(*there);
  CHECK(there->unseal(kSchool, kCommand, sealed) == "Sietske");
  // And seals under the same key.
  auto sealer = there->sealer(kSchool, kCommand, kNowUs);
  REQUIRE(sealer.seal(kChild, RetentionClass::identity_attendance, "2019-04-11").has_value());
  CHECK(sealer.minted().empty());
  CHECK(sealer.key_ids() == std::vector{sealed.key});
  CHECK(third.open(topic)->unseal(kSchool, kCommand, sealed) == "Sietske");
  CHECK(here->is_ready());
}

TEST_CASE("two nodes that start at the same moment on a new topic are one installation") {
  const KafkaPlace topic = new_topic();
  std::array<std::unique_ptr<Node>, 3> nodes;
  std::array<std::unique_ptr<Vault>, 3> vaults;
  {
    std::vector<std::jthread> starts;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      nodes[i] = std::make_unique<Node>(1000 * (i + 1));
      starts.emplace_back([&, i] {
        if (auto opened = nodes[i]->try_open(topic)) vaults[i] = std::move(*opened);
      });
    }
  }
  for (const auto& vault : vaults) {
    REQUIRE(vault != nullptr);
    CHECK(vault->signing_seed() == vaults[0]->signing_seed());
    CHECK(vault->logins().identity_of(kEmail) == vaults[0]->logins().identity_of(kEmail));
  }
  // And stay it after a restart.
  const auto seed = vaults[0]->signing_seed();
  vaults[2].reset();
  CHECK(nodes[2]->open(topic)->signing_seed() == seed);
}

TEST_CASE("who gets a password on one node logs in on the other, and out on both") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  const auto here = first.open(topic);
  const auto there = second.open(topic);
  set_password(*here);
  catch_up(*there);
  const auto identity = there->logins().check_password(kEmail, kPassword);
  REQUIRE(identity.has_value());
  CHECK(there->logins().memberships_of(*identity) == std::vector{kMembership});

  const std::string token = there->sessions().issue(*identity, kNowUs, seeded_random(7));
  const auto session = here->sessions().read(token, kNowUs);
  REQUIRE(session.has_value());
  REQUIRE(here->sessions().deny(*session).has_value());
  catch_up(*there);
  CHECK(there->sessions().read(token, kNowUs).error() == vault::SessionFault::denied);
}

TEST_CASE("two nodes that import the same pupil at the same moment give him one id") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  Node later(300);
  const std::array vaults = {first.open(topic), second.open(topic)};
  constexpr std::uint64_t kPupils = 30;
  std::array<std::vector<events::Uuid>, 2> got;
  {
    std::vector<std::jthread> imports;
    for (std::uint64_t node = 0; node < vaults.size(); ++node) {
      imports.emplace_back([&, node] {
        for (std::uint64_t pupil = 0; pupil < kPupils; ++pupil) {
          const vault::LookupClaim one{
              LookupKind::roster_pupil_key, std::to_string(pupil), {node + 1, pupil}};
          const auto ids = vaults[node]->lookup().claim(kSchool, {&one, 1});
          got[node].push_back(ids ? ids->front() : events::Uuid{});
        }
      });
    }
  }
  CHECK(got[0] == got[1]);
  const auto vault = later.open(topic);
  for (std::uint64_t pupil = 0; pupil < kPupils; ++pupil) {
    CHECK(vault->lookup().find(kSchool, LookupKind::roster_pupil_key, std::to_string(pupil)) ==
          got[0][pupil]);
  }
}

TEST_CASE("a key destroyed on one node is erased on the other, also on one that was away") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  Node away(300);
  const auto here = first.open(topic);
  const auto there = second.open(topic);
  const events::Sealed sealed = seal_durably(*here, "Sietske");
  REQUIRE(away.open(topic)->unseal(kSchool, kCommand, sealed) == "Sietske");
  catch_up(*there);
  REQUIRE(there->unseal(kSchool, kCommand, sealed) == "Sietske");

  REQUIRE(here->keys().destroy({&sealed.key, 1}).has_value());

  CHECK(here->unseal(kSchool, kCommand, sealed).error() == UnsealFault::erased);
  catch_up(*there);
  CHECK(there->unseal(kSchool, kCommand, sealed).error() == UnsealFault::erased);
  CHECK(there->keys().all()->empty());
  CHECK(away.open(topic)->unseal(kSchool, kCommand, sealed).error() == UnsealFault::erased);
}

TEST_CASE("what was removed while a node was away is gone there too when it is back") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node away(300);
  const auto here = first.open(topic);
  set_password(*here);
  const vault::LookupClaim claim{LookupKind::email, std::string(kEmail), {5, 1}};
  REQUIRE(here->lookup().claim(kSchool, {&claim, 1}).has_value());
  REQUIRE(away.open(topic)->logins().check_password(kEmail, kPassword).has_value());

  REQUIRE(here->logins().leave(kMembership).has_value());
  REQUIRE(here->lookup().forget(events::Uuid{5, 1}).has_value());

  const auto back = away.open(topic);
  CHECK(back->logins().check_password(kEmail, kPassword).error() ==
        vault::LoginFault::wrong_password);
  CHECK(back->lookup().find(kSchool, LookupKind::email, kEmail).value() == std::nullopt);
}

TEST_CASE("a single machine's vault becomes the topic's, and other nodes join it") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  events::Sealed sealed;
  {
    const auto alone = first.directory.open();
    sealed = seal_durably(*alone, "Sietske");
    set_password(*alone);
    REQUIRE(alone->transit().put(vault::TransitKind::mail, {6, 1}, "Beste Fenna").has_value());
  }
  const auto here = first.open(topic);
  const auto there = second.open(topic);
  for (const auto& vault : {here.get(), there.get()}) {
    CHECK(vault->unseal(kSchool, kCommand, sealed) == "Sietske");
    CHECK(vault->logins().check_password(kEmail, kPassword).has_value());
  }
  // What is only this node's stays only there.
  CHECK(here->transit().take(vault::TransitKind::mail, {6, 1}).value() == "Beste Fenna");
  CHECK(there->transit().take(vault::TransitKind::mail, {6, 1}).value() == std::nullopt);
}

TEST_CASE(
    "a vault whose rows were half published when the power went publishes all of them again") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  set_password(*first.directory.open());
  // The topic is there and has one of the rows: what says which installation it is goes last.
  KafkaBroker::shared().create_topic(topic.topic, 1,
                                     {{"cleanup.policy", "compact"},
                                      {"max.compaction.lag.ms", "3600000"},
                                      {"segment.ms", "3600000"}});
  const vault::Wrapping wrapping(master_key(), seeded_random(1));
  produce_raw(topic, vault::record_of(wrapping.row(RowKind::key, vault::Bytes(16, 1),
                                                   vault::Bytes(34, 1), vault::Bytes(32, 1))));
  const auto here = first.open(topic);
  const auto there = second.open(topic);
  CHECK(here->logins().check_password(kEmail, kPassword).has_value());
  CHECK(there->logins().check_password(kEmail, kPassword).has_value());
}

TEST_CASE("a topic of another installation is refused, and nothing of this vault is lost") {
  const KafkaPlace topic = new_topic();
  const KafkaPlace other_topic = new_topic();
  Node first(100);
  Node other(200);
  other.open(other_topic);
  events::Sealed sealed;
  {
    const auto vault = first.open(topic);
    sealed = seal_durably(*vault, "Sietske");
  }
  // This one has read further than the other topic reaches.
  CHECK(first.fault_of_opening(other_topic) == OpenFault::topic_shrunk);
  {
    const auto vault = other.open(other_topic);
    for (std::uint64_t i = 0; i < 10; ++i) {
      seal_durably(*vault, "x", {events::wire::SubjectKind::child, {3, i}});
    }
  }
  CHECK(first.fault_of_opening(other_topic) == OpenFault::other_installation);
  CHECK(first.open(topic)->unseal(kSchool, kCommand, sealed) == "Sietske");
}

TEST_CASE("a node with another master key than the others doesn't start") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  first.open(topic);
  CHECK(second.fault_of_opening(topic, 2) == OpenFault::wrong_master_key);
}

TEST_CASE("a topic with the wrong settings is refused by the name of the setting") {
  KafkaBroker& broker = KafkaBroker::shared();
  Node node(100);
  const auto refused = [&](int partitions, const std::map<std::string, std::string>& settings) {
    const std::string name = KafkaBroker::unique_topic("secrets");
    broker.create_topic(name, partitions, settings);
    const auto opened = node.try_open(place_at(broker, name));
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().fault == OpenFault::topic_settings);
    return opened.error().explanation;
  };
  CHECK_THAT(refused(1, {}), Catch::Contains("cleanup.policy is delete"));
  CHECK_THAT(refused(1, {{"cleanup.policy", "compact"}}), Catch::Contains("max.compaction.lag.ms"));
  CHECK_THAT(refused(1, {{"cleanup.policy", "compact"}, {"max.compaction.lag.ms", "3600000"}}),
             Catch::Contains("segment.ms"));
  CHECK_THAT(refused(2, {{"cleanup.policy", "compact"}}), Catch::Contains("2 partitions"));
  KafkaPlace odd = new_topic();
  odd.client_settings["no.such.setting"] = "1";
  CHECK(node.fault_of_opening(odd) == OpenFault::topic_settings);
}

TEST_CASE("a forged record changes nothing: neither a bare removal of a key nor a made-up row") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  Node second(200);
  const auto here = first.open(topic);
  const events::Sealed sealed = seal_durably(*here, "Sietske");
  const auto key_bytes = events::to_bytes(sealed.key.value);
  const vault::Bytes key(key_bytes.begin(), key_bytes.end());

  produce_raw(topic, vault::record_of(vault::removal_of(RowKind::key, key)));
  produce_raw(topic, vault::record_of({RowKind::destroyed_key, key, {}, vault::Bytes(49, 1)}));
  const vault::Wrapping stranger(master_key(9), seeded_random(1));
  produce_raw(topic, vault::record_of(stranger.row(RowKind::destroyed_key, key, {}, {})));
  produce_raw(topic, {{1}, vault::Bytes{1, 2, 3}});

  catch_up(*here);
  CHECK(here->unseal(kSchool, kCommand, sealed) == "Sietske");
  // The key's own record is still in the topic: nobody compacts that fast.
  CHECK(second.open(topic)->unseal(kSchool, kCommand, sealed) == "Sietske");
}

TEST_CASE("a secret of a newer klasboek stops a node with a clear word") {
  const KafkaPlace topic = new_topic();
  Node first(100);
  first.open(topic);
  produce_raw(topic, {{31, 1}, vault::Bytes{1, 0, 0, 5}});
  CHECK(first.fault_of_opening(topic) == OpenFault::newer_schema);
}

TEST_CASE("a broker that isn't there keeps a node from starting, with its address named") {
  Node node(100);
  const KafkaPlace nowhere{.bootstrap = "127.0.0.1:1",
                           .topic = "klasboek.secrets",
                           .client_settings = {},
                           .wait_ms_max = 500};
  const auto opened = node.try_open(nowhere);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().fault == OpenFault::topic_unreachable);
  CHECK_THAT(opened.error().explanation, Catch::Contains("127.0.0.1:1"));
}

TEST_CASE("while the broker is silent a key isn't durable and the caller is told in time") {
  KafkaBroker broker;
  KafkaPlace topic = place_at(broker, "klasboek.secrets");
  Node node(100);
  const auto started = node.open(topic);
  topic.wait_ms_max = 3'000;
  Node impatient_node(200);
  const auto vault = impatient_node.open(topic);

  broker.suspend();
  auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
  REQUIRE(sealer.seal(kChild, RetentionClass::identity_attendance, "Sietske").has_value());
  CHECK(vault->key_sink().make_durable(sealer.minted()).error() ==
        events::KeySinkFault::unreachable);
  CHECK(vault->keys().find(sealer.key_ids().front()).error() == UnsealFault::key_missing);
  broker.resume();

  // What wasn't confirmed may still arrive; the same keys may be brought again.
  REQUIRE(started->key_sink().make_durable(sealer.minted()).has_value());
  CHECK(started->unseal(kSchool, kCommand, sealer.texts().front()) == "Sietske");
}

TEST_CASE("after kill -9 of the broker and its restart nothing confirmed is lost") {
  KafkaBroker broker;
  KafkaPlace topic = place_at(broker, "klasboek.secrets");
  topic.wait_ms_max = 60'000;
  Node first(100);
  Node second(200);
  const auto here = first.open(topic);
  const events::Sealed before = seal_durably(*here, "voor");

  broker.kill9();
  broker.restart();

  const events::Sealed after =
      seal_durably(*here, "na", {events::wire::SubjectKind::child, {2, 2}});
  const auto there = second.open(topic);
  CHECK(there->unseal(kSchool, kCommand, before) == "voor");
  CHECK(there->unseal(kSchool, kCommand, after) == "na");
}

}  // namespace klasboek::tests
