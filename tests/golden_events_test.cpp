// Golden bytes: what was once written must be read for ever. For each event type tests/golden holds
// the bytes of one event with every field filled, as NAME.VERSION.hex; for the frame around them,
// frame.VERSION.hex. A type or a field that is new makes a test here fail until its bytes are
// stored beside the older ones, which stay:
//
//   build/debug/tests/golden_events_test '[write]'
//
// writes the next version of what has none that fits, and never changes a file.
#include <flatbuffers/reflection.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "events/commit.h"
#include "events/schema/envelope_generated.h"
#include "events/upcast.h"
#include "tests/support/golden_values.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using namespace events;

constexpr std::size_t kBytesPerLine = 32;
constexpr std::size_t kSchemaHashAt = 16;
constexpr std::size_t kSchemaHashBytes = 16;

std::filesystem::path golden_file(std::string_view name, int version) {
  return std::filesystem::path(source_path("tests/golden")) /
         (std::string(name) + "." + std::to_string(version) + ".hex");
}

/// Empty where there is no such file.
Bytes stored(const std::filesystem::path& path) {
  Bytes bytes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    for (std::size_t at = 0; at + 1 < line.size(); at += 2) {
      bytes.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(at, 2), nullptr, 16)));
    }
  }
  return bytes;
}

/// Every version of it, the oldest first.
std::vector<Bytes> versions_of(std::string_view name) {
  std::vector<Bytes> versions;
  for (int version = 1; std::filesystem::exists(golden_file(name, version)); ++version) {
    versions.push_back(stored(golden_file(name, version)));
  }
  return versions;
}

void write_next(std::string_view name, const Bytes& bytes) {
  const auto path = golden_file(name, static_cast<int>(versions_of(name).size()) + 1);
  std::ofstream file(path);
  for (std::size_t at = 0; at < bytes.size(); at += kBytesPerLine) {
    file << to_hex(std::span(bytes).subspan(at, std::min(kBytesPerLine, bytes.size() - at)))
         << "\n";
  }
  REQUIRE(file.good());
}

std::vector<EventBody> golden_values() {
  auto all = golden_people();
  for (auto&& some : {golden_care(), golden_upkeep()}) std::ranges::copy(some, back_inserter(all));
  return all;
}

/// A commit of one event, with the same envelope every time.
NewCommit commit_of(const EventBody& body) {
  NewCommit commit;
  commit.school = kSchool;
  commit.command = command_id_of_request(kSchool, kOffice.account, "golden");
  commit.attempt.fill(0xA7);
  commit.decided_at_us = moment("2026-10-05 10:00");
  commit.actor = on_behalf_of(kOffice, kMother);
  commit.causation = numbered<EventId>(77);
  commit.conditions = {{child_stream(kChild), 3}, {school_stream(kSchool), 9}};
  commit.events.push_back({child_stream(kChild), body, moment("2026-10-02 08:15")});
  return commit;
}

Bytes encoded(const EventBody& body) {
  const AlignedBytes frame(encode_frame(commit_of(body)));
  const auto view = read_frame(frame.bytes());
  REQUIRE(view.has_value());
  return {view->events[0].bytes.begin(), view->events[0].bytes.end()};
}

/// The bytes of one event in a frame, as they would be read from the log.
RecordedEvent decoded(const Bytes& event_bytes) {
  const AlignedBytes aligned(event_bytes);
  flatbuffers::Verifier verifier(aligned.bytes().data(), aligned.bytes().size());
  REQUIRE(verifier.VerifyBuffer<wire::Event>(nullptr));
  const auto* event = flatbuffers::GetRoot<wire::Event>(aligned.bytes().data());
  FrameView frame;
  frame.events.push_back({aligned.bytes(), flatbuffers::UnPack(*event->event()),
                          child_stream(kChild), std::to_underlying(event->body_type())});
  return decode_event(frame, 0);
}

/// What commit_of() puts around every event.
void check_envelope(const RecordedEvent& event) {
  const auto commit = commit_of(event.body);
  CHECK(event.event == event_id(kSchool, commit.command, 0));
  CHECK(event.actor == commit.actor);
  CHECK(event.causation == commit.causation);
  CHECK(event.effective_at_us == commit.events[0].effective_at_us);
}

/// Looks for fields that a value leaves out, by the schema.
class EmptyFields {
 public:
  /// As `PostPublished.title.nonce`; none where all is filled.
  static std::vector<std::string> of(const Bytes& event_bytes, std::string_view name) {
    const AlignedBytes aligned(event_bytes);
    const auto* event = flatbuffers::GetRoot<wire::Event>(aligned.bytes().data());
    EmptyFields search;
    const auto type = "klasboek.events.wire." + std::string(name);
    search.in_table(*static_cast<const flatbuffers::Table*>(event->body()),
                    *search.schema_.objects()->LookupByKey(type.c_str()), std::string(name));
    return std::move(search.empty_);
  }

 private:
  using Tables = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;

  void in_table(const flatbuffers::Table& table, const reflection::Object& type,
                const std::string& path) {
    for (const auto* field : *type.fields()) {
      in_field(table, *field, path + "." + field->name()->str());
    }
  }

  void in_field(const flatbuffers::Table& table, const reflection::Field& field,
                const std::string& path) {
    const auto& type = *field.type();
    if (!table.CheckField(field.offset())) {
      if (!has_one_value(type)) empty_.push_back(path);
      return;
    }
    if (type.base_type() == reflection::Vector) {
      const auto* all = table.GetPointer<const Tables*>(field.offset());
      if (all->size() == 0) empty_.push_back(path);
      if (type.element() != reflection::Obj || object_of(type).is_struct()) return;
      for (const auto* one : *all) in_table(*one, object_of(type), path);
    } else if (type.base_type() == reflection::Obj && !object_of(type).is_struct()) {
      in_table(*flatbuffers::GetFieldT(table, field), object_of(type), path);
    }
  }

  /// An enumeration that can only be its default so far.
  [[nodiscard]] bool has_one_value(const reflection::Type& type) const {
    if (type.base_type() != reflection::UByte || type.index() < 0) return false;
    const auto at = static_cast<flatbuffers::uoffset_t>(type.index());
    return schema_.enums()->Get(at)->values()->size() == 1;
  }
  [[nodiscard]] const reflection::Object& object_of(const reflection::Type& type) const {
    return *schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
  }

  const reflection::Schema& schema_ = *reflection::GetSchema(schema_bytes().data());
  std::vector<std::string> empty_;
};

/// A commit with all that a frame can hold, but a rejection, which goes without events.
NewCommit golden_commit() {
  auto commit = commit_of(golden_care().front());
  commit.events.push_back({post_stream(numbered<PostId>(8)), golden_care().at(1), 0});
  commit.input = {1, 2, 3, 5, 8};
  commit.fingerprint.assign(32, 0xF1);
  return commit;
}

/// The hash of the schema changes with every schema; the rest of a frame mustn't.
Bytes without_schema_hash(Bytes frame) {
  REQUIRE(frame.size() > kFrameHeaderBytes);
  std::fill_n(frame.begin() + kSchemaHashAt, kSchemaHashBytes, std::uint8_t{0});
  return frame;
}

template <std::size_t... I>
std::vector<EventBody> one_of_each(std::index_sequence<I...>) {
  return {EventBody(std::variant_alternative_t<I, events::EventKinds>{})...};
}

TEST_CASE("every event type has a golden value and stored bytes") {
  std::map<std::string_view, int> times;
  for (const auto& value : golden_values()) ++times[name_of(value)];
  for (const auto& type :
       one_of_each(std::make_index_sequence<std::variant_size_v<events::EventKinds>>{})) {
    INFO(name_of(type) << ": a value belongs in tests/support/golden_*.cpp, its bytes are written "
                          "by golden_events_test '[write]'");
    CHECK(times[name_of(type)] == 1);
    CHECK_FALSE(versions_of(name_of(type)).empty());
  }
}

TEST_CASE("golden values fill every field of their event") {
  for (const auto& value : golden_values()) {
    const auto empty = EmptyFields::of(encoded(value), name_of(value));
    CAPTURE(name_of(value), empty);
    CHECK(empty.empty());
  }
}

TEST_CASE("the newest golden bytes are the golden value, both ways") {
  for (const auto& value : golden_values()) {
    CAPTURE(name_of(value));
    const auto versions = versions_of(name_of(value));
    REQUIRE_FALSE(versions.empty());
    const auto event = decoded(versions.back());
    CHECK(event.body == value);
    check_envelope(event);
    CHECK(to_hex(encoded(value)) == to_hex(versions.back()));
  }
}

TEST_CASE("golden bytes of every version are still read, and nothing of them is lost") {
  for (const auto& value : golden_values()) {
    for (const auto& version : versions_of(name_of(value))) {
      CAPTURE(name_of(value));
      const auto event = decoded(version);
      CHECK(number_of(event.body) == number_of(value));
      check_envelope(event);
      CHECK(to_hex(encoded(event.body)) == to_hex(version));
    }
  }
}

TEST_CASE("a frame format keeps the event types that its released schema had") {
  int releases = 0;
  const std::filesystem::path released = source_path("events/schema/released");
  for (const auto& entry : std::filesystem::directory_iterator(released)) {
    const auto name = entry.path().filename().string();
    CAPTURE(name);
    // VERSION.formatN.bfbs
    constexpr std::string_view kBefore = ".format";
    const auto format = std::stoul(name.substr(name.find(kBefore) + kBefore.size()));
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes unaligned{std::istreambuf_iterator<char>(file), {}};
    const AlignedBytes bytes(unaligned);
    const auto* types = reflection::GetSchema(bytes.bytes().data())
                            ->enums()
                            ->LookupByKey("klasboek.events.wire.EventBody");
    // Beside them stands the one that says "none".
    CHECK(event_types_max(static_cast<std::uint16_t>(format)) == types->values()->size() - 1);
    ++releases;
  }
  CHECK(releases > 0);
  CHECK(event_types_max(0) == 0);
  CHECK(event_types_max(kFrameFormat + 1) == 0);
}

TEST_CASE("golden files are of event types and of the frame, and of nothing else") {
  std::set<std::string> names{"frame"};
  for (const auto& value : golden_values()) names.emplace(name_of(value));
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(golden_file("frame", 1).parent_path())) {
    const auto name = entry.path().filename().string();
    CAPTURE(name);
    CHECK(names.contains(name.substr(0, name.find('.'))));
    ++files;
  }
  std::size_t versions = 0;
  for (const auto& name : names) versions += versions_of(name).size();
  CHECK(files == versions);
}

TEST_CASE("the golden frame is read as the commit it was, and made again to the same bytes") {
  const auto commit = golden_commit();
  const auto versions = versions_of("frame");
  REQUIRE_FALSE(versions.empty());
  for (const auto& version : versions) {
    const AlignedBytes frame(version);
    const auto view = read_frame(frame.bytes());
    REQUIRE(view.has_value());
    CHECK(view->school == commit.school);
    CHECK(view->command == commit.command);
    CHECK(view->attempt == commit.attempt);
    CHECK(view->decided_at_us == commit.decided_at_us);
    CHECK(view->conditions == commit.conditions);
    CHECK(Bytes(view->input.begin(), view->input.end()) == commit.input);
    CHECK(Bytes(view->fingerprint.begin(), view->fingerprint.end()) == commit.fingerprint);
    REQUIRE(view->events.size() == commit.events.size());
    for (std::uint32_t i = 0; i < view->events.size(); ++i) {
      const auto event = decode_event(*view, i);
      CHECK(event.stream == commit.events[i].stream);
      CHECK(event.effective_at_us == commit.events[i].effective_at_us);
      CHECK(event.body == commit.events[i].body);
    }
  }
  const auto made = encode_frame(commit);
  CHECK(to_hex(without_schema_hash(made)) == to_hex(without_schema_hash(versions.back())));
  CHECK(std::equal(schema_hash().begin(), schema_hash().begin() + kSchemaHashBytes,
                   made.begin() + kSchemaHashAt));
}

TEST_CASE("new golden bytes", "[.write]") {
  for (const auto& value : golden_values()) {
    const auto bytes = encoded(value);
    const auto versions = versions_of(name_of(value));
    if (versions.empty() || versions.back() != bytes) write_next(name_of(value), bytes);
  }
  const auto frame = encode_frame(golden_commit());
  const auto versions = versions_of("frame");
  if (versions.empty() || without_schema_hash(versions.back()) != without_schema_hash(frame)) {
    write_next("frame", frame);
  }
}

}  // namespace
}  // namespace klasboek::tests
