// An event type that is written no more goes all the way: from the bytes of an earlier program to
// views, decisions and a rebuild. No such type was released yet, so this program has a past of its
// own: the two functions of events/upcast.h are defined here, and the linker takes these instead of
// those in events/upcast.cpp. In this past, format 2 had one more event type, IllnessReported.
#include "events/upcast.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

#include "events/commit.h"
#include "events/log/control_record.h"
#include "events/log/ledger.h"
#include "events/schema/envelope_generated.h"
#include "projections/absence_view.h"
#include "projections/projector.h"
#include "tests/schema/earlier_generated.h"
#include "tests/support/absence_words.h"
#include "tests/support/golden_values.h"
#include "tests/support/log_fixture.h"

namespace klasboek {

namespace {

using IllnessReported = tests::wire::IllnessReportedT;

constexpr std::uint16_t kFormatOfThatPast = events::kFrameFormat + 1;
constexpr auto kTypesToday = std::to_underlying(events::wire::EventBody::MAX);
constexpr std::uint8_t kIllnessType = kTypesToday + 1;

events::EventBody upcast_illness(const IllnessReported& illness) {
  events::AbsenceReported report;
  report.absence = illness.absence;
  report.reason = events::AbsenceReason::ill;
  report.first_day = illness.day;
  report.last_day = illness.day;
  report.whole_days = true;
  if (illness.note) report.note = std::make_unique<events::Sealed>(*illness.note);
  report.reported_by = illness.reported_by;
  return report;
}

constexpr events::OldKind kIllness =
    events::old_kind<IllnessReported, &upcast_illness>(kIllnessType);

}  // namespace

namespace events {

std::uint8_t event_types_max(std::uint16_t format) {
  if (format == kFormatOfThatPast) return kIllnessType;
  return format == kFrameFormat ? kTypesToday : 0;
}

std::span<const OldKind> old_kinds() { return {&kIllness, 1}; }

}  // namespace events

namespace tests {
namespace {

namespace absence_view = projections::absence_view;

IllnessReported illness() {
  IllnessReported illness;
  illness.absence = kAbsence;
  illness.day = day(kTuesday);
  illness.note = golden_text(3);
  illness.reported_by = kMother.account;
  return illness;
}

/// What is decided on the streams of a school as the log has them.
class Log {
 public:
  Log() {
    auto ledger = log::Ledger::open(directory_ / "ledger", identity());
    REQUIRE(ledger.has_value());
    ledger_ = *std::move(ledger);
    open_views();
  }

  /// The verdict on the next record.
  log::Verdict read(const Bytes& record) {
    log::Ledger::Batch batch(*ledger_);
    auto verdict = batch.apply(record, next_, std::nullopt);
    REQUIRE(batch.write(false).has_value());
    if (std::holds_alternative<log::Applied>(verdict)) {
      projector_->notify(next_);
      records_.push_back(record);
    }
    ++next_;
    return verdict;
  }
  /// All that happened in a story, a commit for each event.
  void tell(const Story& story) {
    for (const auto& event : story.history()) {
      NewCommit commit;
      commit.school = kSchool;
      commit.command = command_id_of_request(kSchool, kOffice.account, std::to_string(next_));
      commit.decided_at_us = event.decided_at_us;
      commit.actor = event.actor;
      commit.conditions = {{event.stream, event.stream_version - 1}};
      commit.events.push_back({event.stream, event.body, event.effective_at_us});
      REQUIRE(std::holds_alternative<log::Applied>(read(encode_frame(commit))));
    }
  }

  [[nodiscard]] projections::ViewSnapshot views() {
    REQUIRE(projector_->wait_for(next_ - 1, std::chrono::seconds(30)));
    return projections::ViewSnapshot(projector_->store());
  }
  void open_views() {
    projector_.reset();
    auto projector = projections::Projector::open(directory_ / "views", *ledger_);
    REQUIRE(projector.has_value());
    projector_ = *std::move(projector);
  }
  [[nodiscard]] const log::Ledger& ledger() const { return *ledger_; }
  [[nodiscard]] projections::Projector& projector() { return *projector_; }
  [[nodiscard]] const std::vector<Bytes>& records() const { return records_; }

 private:
  static log::LogIdentity identity() { return {.log_id = {7}}; }

  TemporaryDirectory directory_;
  std::unique_ptr<log::Ledger> ledger_;
  std::unique_ptr<projections::Projector> projector_;
  std::vector<Bytes> records_;
  log::Position next_ = 0;
};

constexpr std::string_view kKeyOfReport = "illness";

/// A commit of that past: of one event, in its format.
Bytes record_of(const IllnessReported& illness, std::uint16_t format = kFormatOfThatPast) {
  const auto command = command_id_of_request(kSchool, kMother.account, std::string(kKeyOfReport));
  const auto stream = absence_stream(kChild);
  const events::wire::Stream wire_stream(stream.kind, stream.subject.hi, stream.subject.lo);
  const auto school = flatbuffers::Pack(kSchool);
  const auto id = flatbuffers::Pack(event_id(kSchool, command, 0));
  const events::wire::Actor actor(flatbuffers::Pack(kMother.account), kMother.role,
                                  flatbuffers::Pack(AccountId{}));

  flatbuffers::FlatBufferBuilder event;
  const auto body = tests::wire::IllnessReported::Pack(event, &illness).Union();
  events::wire::EventBuilder table(event);
  table.add_event(&id);
  table.add_stream(&wire_stream);
  table.add_actor(&actor);
  table.add_body_type(events::wire::EventBody{kIllnessType});
  table.add_body(body);
  event.Finish(table.Finish());

  flatbuffers::FlatBufferBuilder commit;
  commit.ForceVectorAlignment(event.GetSize(), 1, 8);
  const auto bytes = commit.CreateVector(event.GetBufferPointer(), event.GetSize());
  const std::vector all{events::wire::CreateEventBytes(commit, bytes)};
  const auto events_at = commit.CreateVector(all);
  const std::vector conditions{events::wire::Condition(wire_stream, 0)};
  const auto conditions_at = commit.CreateVectorOfStructs(conditions);
  const auto command_at = commit.CreateVector(command.data(), command.size());
  const auto attempt_at = commit.CreateVector(std::vector<std::uint8_t>(16, 5));
  commit.Finish(events::wire::CreateCommit(commit, &school, command_at, attempt_at,
                                           moment("2026-10-05 10:00"), conditions_at, events_at),
                events::wire::CommitIdentifier());

  Bytes frame(kFrameHeaderBytes);
  std::ranges::copy(std::string_view("KBCF"), frame.begin());
  frame[4] = static_cast<std::uint8_t>(format);
  for (unsigned i = 0; i < 4; ++i) {
    frame[8 + i] = static_cast<std::uint8_t>(commit.GetSize() >> (8 * i));
  }
  frame.insert(frame.end(), commit.GetBufferPointer(),
               commit.GetBufferPointer() + commit.GetSize());
  return frame;
}

AbsenceReported as_said_today() {
  return made<AbsenceReported>([](auto& e) {
    e.absence = kAbsence;
    e.reason = AbsenceReason::ill;
    e.first_day = day(kTuesday);
    e.last_day = day(kTuesday);
    e.whole_days = true;
    e.note = golden_text(3);
    e.reported_by = kMother.account;
  });
}

TEST_CASE("an event that is written no more is met as the present one that says the same") {
  const AlignedBytes record(record_of(illness()));
  const auto frame = read_frame(record.bytes());
  REQUIRE(frame.has_value());
  CHECK(frame->events[0].type == kIllnessType);
  const auto event = decode_event(*frame, 0);
  CHECK(event.body == EventBody(as_said_today()));
  CHECK(event.actor == kMother);
  CHECK(event.stream == absence_stream(kChild));
}

TEST_CASE("an old event without a single field is met too") {
  const AlignedBytes record(record_of({}));
  const auto frame = read_frame(record.bytes());
  REQUIRE(frame.has_value());
  const auto event = decode_event(*frame, 0);
  CHECK(std::get<AbsenceReported>(event.body).note == nullptr);
}

TEST_CASE("an old event whose bytes are damaged is void, and never read") {
  const auto good = record_of(illness());
  const auto text = golden_text(3)->ciphertext;
  const auto at = std::ranges::search(good, text).begin() - good.begin();
  REQUIRE(at > 4);
  auto damaged = good;
  // The length of the text, now beyond the end of everything.
  damaged[static_cast<std::size_t>(at) - 2] = 0xFF;
  const AlignedBytes record(damaged);
  const auto frame = read_frame(record.bytes());
  REQUIRE_FALSE(frame.has_value());
  CHECK(frame.error() == FrameFault::verification);
}

TEST_CASE("a frame holds only event types that its format has") {
  const auto fault_of = [](std::uint16_t format) {
    const AlignedBytes record(record_of(illness(), format));
    const auto frame = read_frame(record.bytes());
    return frame ? FrameFault::none : frame.error();
  };
  CHECK(fault_of(kFrameFormat) == FrameFault::verification);
  CHECK(fault_of(kFormatOfThatPast) == FrameFault::none);
  CHECK(fault_of(kFormatOfThatPast + 1) == FrameFault::unknown_format);
  CHECK(fault_of(0) == FrameFault::unknown_format);
}

TEST_CASE("views show an old event as they show a present one") {
  Log log;
  log.tell(a_school());
  REQUIRE(std::holds_alternative<log::Applied>(log.read(record_of(illness()))));
  const auto row = absence_view::absence(log.views(), kSchool, kAbsence);
  REQUIRE(row.has_value());
  CHECK(row->child == kChild);
  CHECK(row->reason == AbsenceReason::ill);
  CHECK(row->first_day == day(kTuesday));
  CHECK(row->last_day == day(kTuesday));
  REQUIRE(row->reports.size() == 1);
  REQUIRE(row->reports[0].note.has_value());
  CHECK(row->reports[0].note->sealed == *golden_text(3));
  CHECK(absence_view::absences_on(log.views(), kSchool, day(kTuesday), kClass).size() == 1);
}

TEST_CASE("what follows an old event is decided as though it were a present one") {
  Log log;
  log.tell(a_school());
  static_cast<void>(log.read(record_of(illness())));
  const auto streams = log.ledger().snapshot(kSchool);
  aggregates::Facts facts(kSchool, *streams);
  const aggregates::Context now{kSchool, moment("2026-10-05 12:00"), kMother, {}};
  const auto withdrawn = aggregates::decide(made<WithdrawAbsence>([](auto& c) {
                                              c.child = kChild;
                                              c.absence = kAbsence;
                                            }),
                                            facts, now);
  REQUIRE(withdrawn.has_value());
  REQUIRE(withdrawn->size() == 1);
  CHECK(std::holds_alternative<AbsenceWithdrawn>(withdrawn->front().body));
}

TEST_CASE("a log with an old event is replayed to the same tree, and every view to the same rows") {
  Log first;
  first.tell(a_school());
  static_cast<void>(first.read(record_of(illness())));
  for (const auto& view : projections::all_views()) {
    const auto report = first.projector().rebuild(*view);
    REQUIRE(report.has_value());
    CAPTURE(report->view);
    CHECK(report->equal());
  }
  const auto views = first.views();

  Log second;
  for (const auto& record : first.records()) {
    REQUIRE(std::holds_alternative<log::Applied>(second.read(record)));
  }
  CHECK(second.ledger().school_head(kSchool).next_sequence ==
        first.ledger().school_head(kSchool).next_sequence);
  CHECK(second.ledger().school_head(kSchool).tree.root() ==
        first.ledger().school_head(kSchool).tree.root());
  CHECK(second.views().digest(absence_view::kName) == views.digest(absence_view::kName));
}

TEST_CASE("a node reads every announced format that it knows, and stops at one that it doesn't") {
  TemporaryDirectory directory;
  const auto ledger =
      log::Ledger::open(directory / "ledger", {.log_id = {7}, .begins_with_genesis = true});
  REQUIRE(ledger.has_value());
  log::Ledger::Batch batch(**ledger);
  log::Position next = 0;
  const auto read = [&](const Bytes& record) {
    return batch.apply(record, next++, moment("2026-10-05 10:00"));
  };
  const log::Genesis genesis{{7}, 0, 1, kFormatOfThatPast};
  REQUIRE(std::holds_alternative<log::ControlTaken>(read(log::encode_control_record(genesis))));
  CHECK(std::holds_alternative<log::Applied>(read(record_of(illness()))));
  const std::uint16_t unknown = kFormatOfThatPast + 1;
  CHECK(std::holds_alternative<log::VoidRecord>(read(record_of(illness(), unknown))));
  static_cast<void>(read(log::encode_control_record(log::FormatAnnouncement{unknown})));
  CHECK(std::holds_alternative<log::NewerFormat>(read(record_of(illness(), unknown))));
}

TEST_CASE("an old event that comes a second time is a duplicate") {
  Log log;
  log.tell(a_school());
  REQUIRE(std::holds_alternative<log::Applied>(log.read(record_of(illness()))));
  CHECK(std::holds_alternative<log::DuplicateCommand>(log.read(record_of(illness()))));
}

}  // namespace
}  // namespace tests
}  // namespace klasboek
