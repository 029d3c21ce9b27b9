// The rules of the log, each by its number, on the embedded log and on the ledger that both logs
// share. What only many nodes can break is in log_rules_kafka_test.cpp; the order of apply's
// checks in log_format_test.cpp; what decisions must keep to in decision_rules_test.cpp.
#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "events/log/acknowledged_file.h"
#include "events/log/control_record.h"
#include "tests/support/embedded_under_test.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/log_rules.h"
#include "tests/support/one_partition.h"
#include "tests/support/random_records.h"

namespace klasboek::tests {
namespace {

using log::Committed;
using log::DuplicateCommand;

const auto kTheSchool = school_number(1);

// R1

TEST_CASE("R1 a command is done once, for ever") {
  EmbeddedUnderTest log;
  check_a_command_is_done_once(log);
}

TEST_CASE("R1 a void commit leaves no command id behind") {
  EmbeddedUnderTest log;
  check_a_void_commit_leaves_its_command_free(log);
}

TEST_CASE("R1 a record that isn't in leaves no command id in the ledger either") {
  OnePartition partition(false);
  auto unconditioned = small_commit(kTheSchool, "a", 0);
  unconditioned.conditions.clear();
  CHECK(name_of(partition.read(events::encode_frame(unconditioned))) == "unconditioned_stream");
  CHECK(name_of(partition.read(events::encode_frame(small_commit(kTheSchool, "a", 7)))) ==
        "conflict");
  // Not within one batch either.
  log::Ledger::Batch batch(partition.ledger());
  CHECK(name_of(partition.read(batch, events::encode_frame(small_commit(kTheSchool, "a", 7)))) ==
        "conflict");
  CHECK(name_of(partition.read(batch, events::encode_frame(small_commit(kTheSchool, "a", 0)))) ==
        "applied");
}

TEST_CASE("R1 the ids of commands and events follow from who asked, and from nothing else") {
  const auto account = account_number(1);
  const auto command = events::command_id_of_request(kTheSchool, account, "key");
  CHECK(command == events::command_id_of_request(kTheSchool, account, "key"));
  const auto event = events::event_id(kTheSchool, command, 0);
  const std::vector<events::CommandId> others = {
      events::command_id_of_request(school_number(2), account, "key"),
      events::command_id_of_request(kTheSchool, account_number(2), "key"),
      events::command_id_of_request(kTheSchool, account, "other key"),
      events::command_id_of_reaction("mail", event),
      events::command_id_of_reaction("mail", events::event_id(kTheSchool, command, 1)),
      events::command_id_of_reaction("reminder", event),
      events::command_id_of_chunk(command, 0),
      events::command_id_of_chunk(command, 1)};
  for (std::size_t i = 0; i < others.size(); ++i) {
    CHECK(others[i] != command);
    for (std::size_t j = 0; j < i; ++j) CHECK(others[i] != others[j]);
  }
  // UUIDv8, and made by encoding, whoever encodes: there is no place for dice.
  CHECK((event.value.hi >> 12 & 0xF) == 8);
  const events::AlignedBytes frame(events::encode_frame(small_commit(kTheSchool, "key", 0)));
  CHECK(events::read_frame(frame.bytes())->events[0].event == event);
}

// R2

TEST_CASE("R2 every stream of the conditions counts, written or only read") {
  EmbeddedUnderTest log;
  check_every_condition_counts(log);
}

TEST_CASE("R2 a commit that writes a stream which isn't among its conditions is void") {
  EmbeddedUnderTest log;
  check_a_written_stream_must_be_a_condition(log);
}

// R4

TEST_CASE("R4 a decision sees one moment of the log, and is taken again when it moved") {
  EmbeddedUnderTest log;
  check_a_decision_sees_one_moment(log);
}

TEST_CASE("R4 a decision sees nothing of a commit that is still under way") {
  EmbeddedUnderTest log;
  std::promise<void> decided;
  std::promise<void> under_way;
  // The first commit has left for the log and waits for its key.
  log.keys().on_make_durable = [&](const auto&) {
    under_way.set_value();
    decided.get_future().wait();
  };
  std::promise<log::AppendOutcome> first;
  log.log().append(pending_with_keys(small_commit(kTheSchool, "a", 0), 1),
                   [&](log::AppendOutcome outcome) { first.set_value(std::move(outcome)); });
  under_way.get_future().wait();
  std::vector<std::uint64_t> seen;
  auto request = rename_request(kTheSchool, "b", [] { return kTestNowUs; });
  request.decide = [&, decide = std::move(request.decide)](events::StreamSource& streams) {
    seen.push_back(streams.read(events::school_stream(kTheSchool), [](const auto&) {}));
    auto prepared = decide(streams);
    if (seen.size() == 1) decided.set_value();
    return prepared;
  };
  REQUIRE(std::holds_alternative<log::Done>(log::submit(log.log(), request)));
  CHECK(std::holds_alternative<Committed>(first.get_future().get()));
  CHECK(seen == std::vector<std::uint64_t>{0, 1});
}

// R5

struct Reading {
  std::vector<std::string_view> verdicts;
  std::map<std::string, std::string> rows;
};

/// Reads them in batches of this many, and closes the ledger after so many batches.
Reading read_all(const std::vector<events::Bytes>& records, std::size_t batch_size,
                 std::size_t batches_until_restart) {
  OnePartition partition;
  partition.begin();
  Reading reading;
  std::size_t batches = 0;
  for (std::size_t at = 0; at < records.size(); at += batch_size) {
    {
      log::Ledger::Batch batch(partition.ledger());
      for (std::size_t i = at; i < std::min(at + batch_size, records.size()); ++i) {
        const auto verdict = partition.read(batch, records[i]);
        reading.verdicts.push_back(name_of(verdict));
        if (const auto* moved = std::get_if<log::MovedStream>(&verdict)) {
          CHECK(moved->actual_version <= records.size());
        }
      }
      REQUIRE(batch.write(false).has_value());
    }
    if (++batches % batches_until_restart == 0) partition.reopen();
  }
  partition.close();
  reading.rows = dump_ledger(partition.directory());
  return reading;
}

TEST_CASE("R5 a verdict depends on the log alone: every reader comes to the same bytes") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  const auto records = random_records(seed, kTestNowUs);
  const auto one_by_one = read_all(records, 1, 1000);
  for (const auto verdict : {"applied", "settled", "duplicate", "conflict", "clock_skew"}) {
    CAPTURE(verdict);
    CHECK(std::ranges::count(one_by_one.verdicts, verdict) > 0);
  }
  for (const auto& [batch_size, until_restart] :
       {std::pair<std::size_t, std::size_t>{7, 1000}, {250, 1}, {10, 3}}) {
    const auto other = read_all(records, batch_size, until_restart);
    CHECK(other.verdicts == one_by_one.verdicts);
    CHECK((other.rows == one_by_one.rows));
  }
}

// R6

TEST_CASE("R6 a repeat is answered by its events, also after a restart, and isn't decided again") {
  EmbeddedUnderTest log;
  check_a_repeat_is_answered_by_its_events(log);
}

// R7

TEST_CASE(
    "R7 of a rejection and an attempt the first in the log wins, and a rejection is no event") {
  OnePartition partition(false);
  const auto attempt = small_commit(kTheSchool, "a", 0);
  const auto settled = events::encode_frame(settling(attempt, "leave_not_pending"));
  SECTION("the rejection comes first") {
    CHECK(name_of(partition.read(settled)) == "settled");
    const auto head = partition.ledger().school_head(kTheSchool);
    CHECK(head.next_sequence == 0);
    CHECK(head.tree.size() == 0);
    const auto late = partition.read(events::encode_frame(attempt));
    REQUIRE(std::holds_alternative<DuplicateCommand>(late));
    const auto& before = std::get<DuplicateCommand>(late).before;
    REQUIRE(std::holds_alternative<log::SettledRejection>(before));
    CHECK(std::get<log::SettledRejection>(before).name == "leave_not_pending");
    // Also for who asks after a restart; another rejection changes nothing any more.
    partition.reopen();
    CHECK(name_of(partition.read(events::encode_frame(settling(attempt, "leave_not_found")))) ==
          "duplicate");
    const auto known = partition.ledger().find_command(kTheSchool, attempt.command);
    REQUIRE(known.has_value());
    CHECK(std::get<log::SettledRejection>(known->before).name == "leave_not_pending");
    CHECK(partition.ledger().school_head(kTheSchool).next_sequence == 0);
  }
  SECTION("the attempt comes first") {
    CHECK(name_of(partition.read(events::encode_frame(attempt))) == "applied");
    const auto late = partition.read(settled);
    REQUIRE(std::holds_alternative<DuplicateCommand>(late));
    CHECK(std::holds_alternative<log::Applied>(std::get<DuplicateCommand>(late).before));
  }
}

// R8

TEST_CASE("R8 the largest commit there may be goes through, a larger one never gets to the log") {
  EmbeddedUnderTest log;
  check_the_largest_commit_goes_through(log);
}

// R9

/// The ledger of an embedded log, kept aside as a careless copy would.
class KeptLedger {
 public:
  explicit KeptLedger(const log::EmbeddedLogOptions& options)
      : ledger_(options.directory / "ledger") {
    std::filesystem::copy(ledger_, kept_.path() / "ledger");
  }
  void put_back() const {
    std::filesystem::remove_all(ledger_);
    std::filesystem::copy(kept_.path() / "ledger", ledger_);
  }

 private:
  TemporaryDirectory kept_;
  std::filesystem::path ledger_;
};

void append_renames(const log::EmbeddedLogOptions& options, const std::string& key,
                    std::uint64_t first_version, int count) {
  CountingKeySink keys;
  auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE(log.has_value());
  for (int n = 0; n < count; ++n) {
    const auto version = first_version + static_cast<std::uint64_t>(n);
    REQUIRE(std::holds_alternative<Committed>(
        append(**log, small_commit(kTheSchool, key + std::to_string(n), version))));
  }
}

log::LogFault fault_of_opening(const log::EmbeddedLogOptions& options) {
  CountingKeySink keys;
  const auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE_FALSE(log.has_value());
  return log.error();
}

TEST_CASE("R9 a log that is shorter than what was acknowledged isn't opened") {
  const TemporaryDirectory directory;
  const auto options = embedded_options_in(directory);
  append_renames(options, "a", 0, 1);
  const KeptLedger kept(options);
  append_renames(options, "b", 1, 1);
  kept.put_back();
  CHECK(fault_of_opening(options).kind == log::LogFaultKind::lost_tail);
  CHECK_THAT(fault_of_opening(options).message, Catch::Contains("ends at position 0"));
  std::filesystem::remove_all(options.directory / "ledger");
  CHECK_THAT(fault_of_opening(options).message, Catch::Contains("ends at position none"));
}

TEST_CASE("R9 a log that grew again to another end isn't opened") {
  const TemporaryDirectory directory;
  const auto options = embedded_options_in(directory);
  const auto acknowledged = options.directory / "acknowledged";
  append_renames(options, "a", 0, 1);
  const KeptLedger kept(options);
  append_renames(options, "b", 1, 1);
  std::filesystem::copy(acknowledged, directory.path() / "acknowledged");
  kept.put_back();
  // As long as before, and longer; the file of then says what was acknowledged.
  const int grown = GENERATE(1, 3);
  std::filesystem::remove(acknowledged);
  append_renames(options, "other", 1, grown);
  std::filesystem::copy(directory.path() / "acknowledged", acknowledged,
                        std::filesystem::copy_options::overwrite_existing);
  const auto fault = fault_of_opening(options);
  CHECK(fault.kind == log::LogFaultKind::damaged);
  CHECK_THAT(fault.message, Catch::Contains("position 1"));
}

TEST_CASE("R9 how far the log is acknowledged is written down before anybody is answered") {
  const TemporaryDirectory directory;
  const auto options = embedded_options_in(directory);
  CountingKeySink keys;
  auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE(log.has_value());
  for (std::uint64_t n = 0; n < 3; ++n) {
    std::promise<std::optional<log::Tail>> written;
    (*log)->append({small_commit(kTheSchool, std::to_string(n), n), {}},
                   [&](const log::AppendOutcome& /*outcome*/) {
                     auto file = log::AcknowledgedFile::open(options.directory / "acknowledged");
                     written.set_value(file ? file->tail() : std::nullopt);
                   });
    const auto tail = written.get_future().get();
    REQUIRE(tail.has_value());
    CHECK(tail->position == n);
    CHECK(tail == (*log)->ledger().tail());
  }
}

// R10

TEST_CASE("R10 the same key with another body is another request, as its fingerprint tells") {
  EmbeddedUnderTest log;
  check_fingerprints_tell_requests_apart(log);
}

// R11

TEST_CASE("R11 time never runs back within a school, whatever clocks say") {
  EmbeddedUnderTest log;
  check_recorded_time_never_runs_back(log);
}

// R13

TEST_CASE("R13 keys are durable before the commit that uses them, or nothing is appended") {
  EmbeddedUnderTest log;
  check_keys_are_durable_first(log);
}

TEST_CASE("R13 all keys of a group of commits become durable at once") {
  EmbeddedUnderTest log;
  check_keys_of_a_group_are_durable_at_once(log);
}

}  // namespace
}  // namespace klasboek::tests
