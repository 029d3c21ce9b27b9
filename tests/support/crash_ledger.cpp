#include "tests/support/crash_ledger.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <unordered_map>

#include "reactions/mail_order.h"

namespace klasboek::tests {

namespace {

std::unique_ptr<log::Ledger> open_ledger(const Place& place) {
  const auto identity = log::Ledger::identity_in(place.ledger());
  REQUIRE(identity.has_value());
  REQUIRE(identity->has_value());
  auto ledger = log::Ledger::open(place.ledger(), **identity);
  REQUIRE(ledger.has_value());
  return *std::move(ledger);
}

template <class AnId>
AnId id_of(const std::string& text) {
  const auto id = events::parse_id<AnId>(text);
  REQUIRE(id.has_value());
  return *id;
}

std::string mail_id_of(const events::RecordedEvent& event, events::EventId cause) {
  return events::to_type_id("mail",
                            reactions::mail_id_of(event.school, {event.stream.subject}, cause));
}

}  // namespace

log::Position end_of_log(const Place& place) {
  const auto tail = open_ledger(place)->tail();
  return tail ? tail->position + 1 : 0;
}

CrashLedger::CrashLedger(const Place& place) {
  const auto ledger = open_ledger(place);
  ledger->read_log(0, [&](const log::StoredCommit& commit) {
    const auto [at, is_new] = commits_.try_emplace(
        commit.frame.command, Commit{commit.position, ledger->events_of(commit), false});
    if (!is_new) FAIL_CHECK("a command is in the log twice, at " << commit.position);
    return true;
  });
}

void CrashLedger::check_density() const {
  std::map<log::Position, const Commit*> by_position;
  for (const auto& [command, commit] : commits_) by_position[commit.position] = &commit;
  REQUIRE(!by_position.empty());
  CHECK(by_position.begin()->first == 0);
  CHECK(by_position.rbegin()->first == by_position.size() - 1);
  std::uint64_t next_sequence = 0;
  std::int64_t recorded_at_us = 0;
  std::unordered_map<events::Stream, std::uint64_t> versions;
  for (const auto& [position, commit] : by_position) {
    for (const auto& event : commit->events) {
      INFO("position " << position << ", sequence " << event.sequence);
      CHECK(event.sequence == next_sequence++);
      CHECK(event.stream_version == ++versions[event.stream]);
      CHECK(event.recorded_at_us >= recorded_at_us);
      recorded_at_us = event.recorded_at_us;
    }
  }
}

void CrashLedger::check_acknowledged(const std::string& school, const CrashPerson& person,
                                     const std::vector<AcknowledgedRequest>& requests) {
  const auto school_id = id_of<events::SchoolId>(school);
  const auto account = id_of<events::AccountId>(person.account);
  for (const auto& request : requests) {
    INFO(person.name << ": " << request.asked.key << " " << request.asked.method << " "
                     << request.asked.path << " -> " << request.body);
    auto command = events::command_id_of_request(school_id, account, request.asked.key);
    // A report is one commit for each child.
    if (request.asked.path.ends_with("/absences")) {
      command = events::command_id_of_chunk(command, 0);
    }
    const auto found = commits_.find(command);
    REQUIRE(found != commits_.end());
    auto& commit = found->second;
    CHECK_FALSE(commit.was_acknowledged);
    commit.was_acknowledged = true;
    CHECK(nlohmann::json::parse(request.body)["position"] == commit.events.back().sequence);
  }
}

void CrashLedger::check_nothing_else(log::Position from) const {
  for (const auto& [command, commit] : commits_) {
    const bool is_of_somebody = !commit.events.front().actor.account.is_zero();
    if (commit.position < from || !is_of_somebody) continue;
    INFO("position " << commit.position << ": " << events::name_of(commit.events.front().body));
    CHECK(commit.was_acknowledged);
  }
}

void CrashLedger::check_mails(const std::vector<std::string>& mails) const {
  std::map<std::string, std::size_t> claims;
  std::set<std::string> sent;
  for (const auto& [command, commit] : commits_) {
    for (const auto& event : commit.events) {
      if (const auto* claimed = std::get_if<events::DeliveryClaimed>(&event.body)) {
        ++claims[mail_id_of(event, claimed->cause)];
      } else if (const auto* done = std::get_if<events::DeliverySent>(&event.body)) {
        sent.insert(mail_id_of(event, done->cause));
      }
    }
  }
  std::map<std::string, std::size_t> came;
  for (const auto& mail : mails) {
    const auto header = header_of(mail, "Message-ID");
    ++came[header.substr(1, header.find('@') - 1)];
  }
  CHECK_FALSE(came.empty());
  for (const auto& [mail, times] : came) {
    INFO(mail);
    CHECK(times <= claims[mail]);
  }
  for (const auto& mail : sent) {
    INFO(mail);
    CHECK(came.contains(mail));
  }
}

}  // namespace klasboek::tests
