// Several nodes of one installation: each has its own directory, and they share a log, a topic of
// secrets and a master key.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

#include "api/person_text.h"
#include "projections/directory.h"
#include "reactions/installation.h"
#include "reactions/invitation_code.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/mail_school.h"
#include "tests/support/temporary_directory.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

namespace fs = std::filesystem;

/// A clock that every node of a test agrees on, near enough to the broker's.
std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What the nodes of one installation have in common, and where each keeps its own.
class Cluster {
 public:
  tools::Configuration configuration_of(const std::string& node) const {
    tools::Configuration configuration;
    configuration.data_dir = directory_.path() / node;
    configuration.master_key_file = directory_.path() / (node + ".key");
    configuration.log_kind = "kafka";
    configuration.log_brokers = KafkaBroker::shared().bootstrap();
    configuration.log_topic = commits_;
    configuration.log_secrets_topic = secrets_;
    configuration.log_partitions = 2;
    return configuration;
  }

  void give_master_key(const std::string& from, const std::string& to) const {
    fs::copy_file(directory_.path() / (from + ".key"), directory_.path() / (to + ".key"));
  }

  std::expected<std::unique_ptr<reactions::Installation>, reactions::InstallationFault> open(
      const std::string& node) const {
    return reactions::Installation::open(tools::place_of(configuration_of(node)), now_us,
                                         vault::system_random());
  }

 private:
  TemporaryDirectory directory_;
  std::string commits_ = KafkaBroker::unique_topic("nodes");
  std::string secrets_ = KafkaBroker::unique_topic("nodes-secrets");
};

void found_school(const tools::Configuration& configuration) {
  std::ostringstream out;
  std::ostringstream err;
  const tools::Toolbox toolbox{configuration, true, out, err};
  tools::SchoolOptions options;
  options.name = "De Regenboog";
  options.director_name = "Wilma Voorbeeld";
  options.director_email = "directie@example.org";
  INFO(err.str());
  REQUIRE(tools::school_create_command(toolbox, options) == tools::kDone);
}

/// The name of the only account of the only school, as this node reads it.
std::string name_of_director(reactions::Installation& installation) {
  for (const auto& shard : installation.shards().all()) {
    for (const auto& school : shard->ledger().schools()) {
      const projections::ViewSnapshot views(shard->projector->store());
      for (const auto& account : projections::directory::accounts(views, school)) {
        REQUIRE(account.name);
        const auto text =
            installation.vault().unseal(school, account.name->command, account.name->sealed);
        return text ? api::person_name_of(*text).full() : "unreadable";
      }
    }
  }
  return "nobody";
}

/// Gives an order of the operator on this node, or of somebody else.
void give(const reactions::Node& node, events::SchoolId school, const MailSchool::Build& build,
          const events::Actor& actor = kOperator) {
  reactions::Order order;
  order.school = school;
  order.actor = actor;
  order.command = vault::draw<16>(node.random);
  order.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    return build(sealer);
  };
  const auto outcome = reactions::carry_out(node, order);
  REQUIRE(std::holds_alternative<log::Done>(outcome));
}

/// Opens an account with this address, and invites it.
events::AccountId invite(const reactions::Node& node, events::SchoolId school,
                         const std::string& email) {
  const auto account = node.new_id<events::AccountId>();
  const events::SubjectRef person{events::SubjectKind::account, account.value};
  give(node, school, [&](vault::Sealer& sealer) -> events::CommandBody {
    return made<events::OpenAccount>([&](auto& c) {
      const auto seal = [&](const std::string& text) {
        return sealer.seal(person, events::RetentionClass::identity_attendance, text).value();
      };
      c.account = account;
      c.name = seal(R"({"family":"Voorbeeld"})");
      c.contact = seal(contact(email));
    });
  });
  give(node, school, [&](vault::Sealer&) -> events::CommandBody {
    return made<events::Invite>([&](auto& c) {
      c.account = account;
      c.invitation = node.new_id<events::InvitationId>();
      c.code_digest =
          reactions::code_digest(reactions::invitation_code(node.vault, school, c.invitation));
      c.expires_at_us = now_us() + 3'600'000'000;
    });
  });
  return account;
}

events::SchoolId only_school(reactions::Installation& installation) {
  for (const auto& shard : installation.shards().all()) {
    for (const auto& school : shard->ledger().schools()) return school;
  }
  FAIL("there is no school");
  return {};
}

/// Until the second node has read all that the first one has.
void wait_for_all_of(projections::Shards& first, projections::Shards& second,
                     events::SchoolId school) {
  const auto tail = first.of(school).ledger().tail();
  REQUIRE(tail.has_value());
  REQUIRE(second.of(school).projector->wait_for(tail->position, std::chrono::seconds(30)));
}

/// Mail of one node on a thread of its own, until nothing waits for it any more.
class MailingNode {
 public:
  MailingNode(const reactions::Node& node, std::size_t mails) : node_(node), mails_(mails) {}
  void run() {
    reactions::MailRoom room(node_, {kMailFrom, kPublicUrl}, &sender);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    opened = room.open().has_value();
    bool has_seen_all = false;
    while (std::chrono::steady_clock::now() < until && !(has_seen_all && room.waiting() == 0)) {
      room.round();
      has_seen_all = has_seen_all || settled() == mails_;
      for (const auto& shard : node_.shards.all()) wait_for_more(*shard);
    }
    left = room.waiting();
  }

  FakeSender sender;
  bool opened = false;
  std::size_t left = 0;

 private:
  static void wait_for_more(projections::Shard& shard) {
    const auto tail = shard.ledger().tail();
    if (!tail) return;
    static_cast<void>(shard.projector->wait_for(tail->position + 1, std::chrono::milliseconds(20)));
  }
  /// Mails that the log says were sent.
  [[nodiscard]] std::size_t settled() const {
    std::size_t sent = 0;
    for (const auto& shard : node_.shards.all()) {
      for (const auto& school : shard->ledger().schools()) {
        shard->ledger().read_school(school, 0, [&](const events::RecordedEvent& event) {
          if (std::holds_alternative<events::DeliverySent>(event.body)) ++sent;
          return true;
        });
      }
    }
    return sent;
  }

  const reactions::Node& node_;
  std::size_t mails_;
};

TEST_CASE("a second node reads what the first one sealed") {
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  cluster.give_master_key("first", "second");
  auto second = cluster.open("second");
  INFO((second ? "" : second.error().explanation));
  REQUIRE(second);
  CHECK(name_of_director(**second) == "Wilma Voorbeeld");
}

TEST_CASE("a node with another master key doesn't start, and says why") {
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  const auto stranger = cluster.open("stranger");
  REQUIRE_FALSE(stranger);
  CHECK_THAT(stranger.error().explanation, Catch::Contains("master key"));
}

TEST_CASE(
    "R14 what is erased on one node goes on both, and on one that comes back with an old vault") {
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  cluster.give_master_key("first", "second");
  auto first = cluster.open("first");
  auto second = cluster.open("second");
  REQUIRE(first);
  REQUIRE(second);
  const auto& node = (*first)->node();
  const auto school = only_school(**first);
  const auto account = invite(node, school, "gewist@example.org");
  const auto keys =
      node.vault.keys().of_subject(school, {events::SubjectKind::account, account.value}).value();
  REQUIRE(keys.size() == 1);
  const auto key = keys[0].id;
  wait_for_all_of((*first)->shards(), (*second)->shards(), school);
  CHECK((*second)->vault().keys().find(key).has_value());
  // The second node's vault as it was, to come back with.
  const fs::path place = cluster.configuration_of("second").data_dir;
  second->reset();
  fs::copy(place / "vault", place / "vault-before", fs::copy_options::recursive);
  second = cluster.open("second");
  REQUIRE(second);

  give(node, school, [&](vault::Sealer&) -> events::CommandBody {
    return made<events::CloseAccount>([&](auto& c) {
      c.account = account;
      c.last_day = day("2020-01-01");
    });
  });
  give(
      node, school,
      [&](vault::Sealer&) -> events::CommandBody {
        return made<events::EraseSubject>([&](auto& c) {
          c.account = account;
          c.keys = {key};
          c.statutory = true;
        });
      },
      kSystem);
  // Each node does its part by itself, whoever is first.
  wait_for_all_of((*first)->shards(), (*second)->shards(), school);
  (*second)->erasures().round();
  (*first)->erasures().round();
  for (auto* installation : {first->get(), second->get()}) {
    CHECK(installation->vault().keys().find(key).error() == vault::UnsealFault::erased);
  }
  int recorded = 0;
  node.shards.of(school).ledger().read_school(school, 0, [&](const events::RecordedEvent& event) {
    recorded += std::holds_alternative<events::KeysDestroyed>(event.body) ? 1 : 0;
    return true;
  });
  CHECK(recorded == 1);

  second->reset();
  fs::remove_all(place / "vault");
  fs::rename(place / "vault-before", place / "vault");
  second = cluster.open("second");
  REQUIRE(second);
  CHECK((*second)->vault().keys().find(key).error() == vault::UnsealFault::erased);
}

TEST_CASE("two nodes that mail at the same time send each mail once") {
  constexpr std::size_t kParents = 12;
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  cluster.give_master_key("first", "second");
  auto first = cluster.open("first");
  auto second = cluster.open("second");
  REQUIRE(first);
  REQUIRE(second);
  const auto& node = (*first)->node();
  for (const auto& shard : node.shards.all()) {
    for (const auto& school : shard->ledger().schools()) {
      for (std::size_t n = 0; n < kParents; ++n) {
        invite(node, school, "ouder" + std::to_string(n) + "@thuis.example");
      }
    }
  }
  // And the director, when the school was made.
  MailingNode one(node, kParents + 1);
  MailingNode other((*second)->node(), kParents + 1);
  {
    const std::jthread beside([&] { other.run(); });
    one.run();
  }
  CHECK(one.opened);
  CHECK(other.opened);
  CHECK(one.left == 0);
  CHECK(other.left == 0);
  std::map<std::string, int> times;
  for (const auto* sender : {&one.sender, &other.sender}) {
    for (const auto& mail : sender->mails) ++times[mail.to];
  }
  CHECK(times.size() == kParents + 1);
  for (const auto& [to, count] : times) {
    CAPTURE(to);
    CHECK(count == 1);
  }
}

}  // namespace
}  // namespace klasboek::tests
