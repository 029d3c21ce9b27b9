// What fuzzers run (tests/fuzz), over the inputs that are kept: tests/fuzz/corpus/TARGET/ has what
// to begin from, and every input that once broke something. The golden bytes are inputs too.
//
//   build/debug/tests/fuzz_corpus_test '[write]'
//
// writes what to begin from where it isn't there.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "events/log/control_record.h"
#include "events/schema/envelope_generated.h"
#include "tests/fuzz/inputs.h"
#include "tests/support/golden_values.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using namespace events;

std::filesystem::path corpus(std::string_view target) {
  return std::filesystem::path(source_path("tests/fuzz/corpus")) / target;
}

Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The parts with what stands between them in an input.
Bytes joined(const std::vector<Bytes>& parts) {
  Bytes input;
  for (const auto& part : parts) {
    if (!input.empty()) std::ranges::copy(fuzz::kBetween, std::back_inserter(input));
    std::ranges::copy(part, std::back_inserter(input));
  }
  return input;
}

/// The stream that such an event is written to.
Stream stream_of(const EventBody& body) {
  if (narrow<SchoolEvent>(body)) return school_stream(kSchool);
  if (narrow<GroupEvent>(body)) return group_stream(kClass);
  if (narrow<ChildEvent>(body)) return child_stream(kChild);
  if (narrow<AccountEvent>(body)) return account_stream(kMother.account);
  if (narrow<PreferencesEvent>(body)) return preferences_stream(kMother.account);
  if (narrow<ReadingEvent>(body)) return reading_stream(kMother.account);
  if (narrow<PostEvent>(body)) return post_stream(numbered<PostId>(8));
  if (narrow<ConsentEvent>(body)) return consent_stream(kChild);
  if (narrow<AbsenceEvent>(body)) return absence_stream(kChild);
  if (narrow<LeaveEvent>(body)) return leave_stream(kChild);
  if (narrow<DeliveryEvent>(body)) return delivery_stream(kMother.account);
  if (narrow<RosterImportEvent>(body)) return roster_import_stream(numbered<RosterImportId>(1));
  return erasure_stream(kSchool);
}

NewCommit commit_of(const std::string& key, std::uint64_t version, const EventBody& body) {
  NewCommit commit;
  commit.school = fuzz::kFuzzedSchool;
  commit.command = command_id_of_request(commit.school, kOffice.account, key);
  commit.decided_at_us = fuzz::kDecidedAtUs;
  commit.actor = kOffice;
  commit.conditions = {{stream_of(body), version}};
  commit.events.push_back({stream_of(body), body, 0});
  commit.input = encode_input({made<RenameSchool>([](auto& c) { c.name = "x"; }), kOffice});
  return commit;
}

Bytes event_bytes(const EventBody& body) {
  const AlignedBytes frame(encode_frame(commit_of("event", 0, body)));
  const auto bytes = read_frame(frame.bytes()).value().events[0].bytes;
  return {bytes.begin(), bytes.end()};
}

Bytes payload_of(const Bytes& frame) {
  return {frame.begin() + static_cast<std::ptrdiff_t>(kFrameHeaderBytes), frame.end()};
}

NewCommit rejection() {
  auto commit = commit_of("rejected", 0, SchoolRenamed{});
  commit.events.clear();
  commit.rejection = "leave_not_pending";
  return commit;
}

/// A partition with a little of everything that can stand in one.
Bytes partition() {
  const EventBody renamed = made<SchoolRenamed>([](auto& e) { e.name = "De Berk"; });
  auto moved = encode_frame(commit_of("moved", 7, renamed));
  auto newer = encode_frame(commit_of("newer", 1, renamed));
  newer[4] = 9;
  return joined({log::encode_control_record(log::Genesis{{0xF0}, 0, 1, kFrameFormat}),
                 encode_frame(commit_of("first", 0, renamed)), encode_frame(rejection()), moved,
                 encode_frame(commit_of("second", 1, renamed)),
                 encode_frame(commit_of("first", 0, renamed)), newer,
                 log::encode_control_record(log::FormatAnnouncement{9}), newer});
}

struct Beginning {
  std::string_view target;
  std::string_view name;
  Bytes input;
};

std::vector<Beginning> beginnings() {
  const auto all_of = [](const std::vector<EventBody>& bodies) {
    std::vector<Bytes> parts;
    for (const auto& body : bodies) parts.push_back(event_bytes(body));
    return joined(parts);
  };
  return {{"frame", "rejection", encode_frame(rejection())},
          {"frame", "header", Bytes(kFrameHeaderBytes, 0)},
          {"commit", "rejection", payload_of(encode_frame(rejection()))},
          {"commit", "one_event", payload_of(encode_frame(commit_of("a", 0, golden_care()[0])))},
          {"envelope", "people", all_of(golden_people())},
          {"envelope", "care", all_of(golden_care())},
          {"envelope", "upkeep", all_of(golden_upkeep())},
          {"records", "partition", partition()},
          {"records", "without_genesis", encode_frame(commit_of("first", 0, SchoolRenamed{}))}};
}

TEST_CASE("every input that is kept for a fuzzer is survived, and every rule holds") {
  for (const auto& target : fuzz::kTargets) {
    int inputs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus(target.name))) {
      INFO(entry.path());
      CHECK_NOTHROW(target.run(file_bytes(entry.path())));
      ++inputs;
    }
    CAPTURE(target.name);
    CHECK(inputs > 0);
  }
}

TEST_CASE("every event type gets through the targets, from its bytes to folds and views") {
  for (const auto& bodies : {golden_people(), golden_care(), golden_upkeep()}) {
    std::vector<Bytes> parts;
    for (const auto& body : bodies) {
      CAPTURE(name_of(body));
      parts.push_back(event_bytes(body));
      CHECK(fuzz::carry(parts.back()) == 1);
      const auto frame = encode_frame(commit_of("one", 0, body));
      CHECK_NOTHROW(fuzz::frame(frame));
      CHECK_NOTHROW(fuzz::commit(payload_of(frame)));
    }
    CHECK(fuzz::carry(joined(parts)) == bodies.size());
  }
}

TEST_CASE("an input falls into its parts") {
  const Bytes one{1, 2};
  const Bytes two{'K', 'B', '|'};
  const auto input = joined({one, two, {}});
  const auto parts = fuzz::parts_of(input);
  REQUIRE(parts.size() == 3);
  CHECK(std::ranges::equal(parts[0], one));
  CHECK(std::ranges::equal(parts[1], two));
  CHECK(parts[2].empty());
  CHECK(fuzz::parts_of({}).size() == 1);
}

TEST_CASE("what fuzzers begin from", "[.write]") {
  for (const auto& [target, name, input] : beginnings()) {
    const auto path = corpus(target) / name;
    if (std::filesystem::exists(path)) continue;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()),
               static_cast<std::streamsize>(input.size()));
    REQUIRE(file.good());
  }
}

}  // namespace
}  // namespace klasboek::tests
