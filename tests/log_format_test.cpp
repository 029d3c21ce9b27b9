// docs/log-format.md and the program say the same: its worked example is read by the program, what
// the program makes of it stands there byte for byte, and so does the order of the ledger's checks.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "events/log/control_record.h"
#include "events/log/embedded_log.h"
#include "events/schema/envelope_generated.h"
#include "tests/support/embedded_under_test.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/one_partition.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using events::Bytes;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(source_path(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  REQUIRE_FALSE(lines.empty());
  return lines;
}

/// The lines of the page between "```NAME" and "```".
std::vector<std::string> block(const std::string& name) {
  std::vector<std::string> found;
  bool inside = false;
  for (const auto& line : lines_of("docs/log-format.md")) {
    if (inside && line == "```") return found;
    if (inside) found.push_back(line);
    if (line == "```" + name) inside = true;
  }
  FAIL("docs/log-format.md has no block " << name);
  return {};
}

/// The words of a line up to the bar that ends what counts.
std::vector<std::string> words_of(const std::string& line) {
  std::istringstream counted(line.substr(0, line.find('|')));
  std::vector<std::string> words;
  for (std::string word; counted >> word;) words.push_back(word);
  return words;
}

void add_hex(Bytes& bytes, const std::string& hex) {
  REQUIRE(hex.size() % 2 == 0);
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  }
}

Bytes bytes_in(const std::string& name) {
  Bytes bytes;
  for (const auto& line : block(name)) {
    for (const auto& word : words_of(line)) add_hex(bytes, word);
  }
  return bytes;
}

std::string as_text(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// Column `column` of the table under a heading, without its head.
std::vector<std::string> column_of_table(const std::string& heading, std::size_t column) {
  std::vector<std::string> cells;
  bool under_heading = false;
  for (const auto& line : lines_of("docs/log-format.md")) {
    if (line.starts_with("## ")) under_heading = line == "## " + heading;
    if (!under_heading || !line.starts_with("|")) continue;
    std::istringstream row(line.substr(1));
    std::string cell;
    for (std::size_t i = 0; i <= column; ++i) std::getline(row, cell, '|');
    cells.push_back(cell);
  }
  REQUIRE(cells.size() > 2);
  return {cells.begin() + 2, cells.end()};
}

/// What stands `between backticks`.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
    const auto end = text.find('`', at + 1);
    names.push_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

// The worked example: the operator founds a school.

const events::SchoolId kExampleSchool{{0x0190'0000'0000'7000, 0x8000'0000'0000'0001}};
const events::Stream kSchoolStream = events::school_stream(kExampleSchool);

events::NewCommit example_commit() {
  events::NewCommit commit;
  commit.school = kExampleSchool;
  commit.command = events::command_id_of_request(kExampleSchool, {}, "example");
  commit.attempt.fill(0xA7);
  commit.decided_at_us = 1'790'000'000'000'000;
  commit.actor.role = events::Role::operator_;
  commit.conditions = {{kSchoolStream, 0}};
  events::SchoolFounded founded;
  founded.school = kExampleSchool;
  founded.name = "De Berk";
  founded.time_zone = "Europe/Amsterdam";
  commit.events.push_back({kSchoolStream, founded, 0});
  events::FoundSchool command;
  command.school = kExampleSchool;
  command.name = founded.name;
  command.time_zone = founded.time_zone;
  commit.input = events::encode_input({command, commit.actor});
  return commit;
}

constexpr std::size_t kSchemaHashAt = 16;

Bytes without_schema_hash(Bytes frame) {
  REQUIRE(frame.size() > events::kFrameHeaderBytes);
  std::fill_n(frame.begin() + kSchemaHashAt, 16, std::uint8_t{0});
  return frame;
}

/// The rows of a ledger as the page has them, by "FAMILY/key". A line that begins with a family is
/// a key, the lines below it with "=" its value; "= frame" stands for the whole frame.
std::map<std::string, std::string> rows_in(const std::string& name) {
  std::map<std::string, std::string> rows;
  std::string* value = nullptr;
  for (const auto& line : block(name)) {
    auto words = words_of(line);
    if (words.empty()) continue;
    Bytes bytes;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "frame") {
        std::ranges::copy(bytes_in("frame"), std::back_inserter(bytes));
      } else {
        add_hex(bytes, words[i]);
      }
    }
    if (words[0] == "=") {
      REQUIRE(value != nullptr);
      *value += as_text(bytes);
    } else {
      value = &rows[words[0] + "/" + as_text(bytes)];
    }
  }
  return rows;
}

std::string readable(const std::map<std::string, std::string>& rows) {
  std::string text;
  const auto hex = [](std::string_view bytes) {
    return events::to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  };
  for (const auto& [key, value] : rows) {
    const auto slash = key.find('/');
    text += key.substr(0, slash) + " " + hex(key.substr(slash + 1)) + "\n = " + hex(value) + "\n";
  }
  return text;
}

TEST_CASE("the frame on the page is the commit that it says it is") {
  const events::AlignedBytes frame(bytes_in("frame"));
  INFO("as the program writes it: " << events::to_hex(events::encode_frame(example_commit())));
  const auto view = events::read_frame(frame.bytes());
  REQUIRE(view.has_value());
  const auto commit = example_commit();
  CHECK(view->school == commit.school);
  CHECK(view->command == commit.command);
  CHECK(view->attempt == commit.attempt);
  CHECK(view->decided_at_us == commit.decided_at_us);
  CHECK(view->conditions == commit.conditions);
  CHECK(view->rejection.empty());
  REQUIRE(view->events.size() == 1);
  const auto event = events::decode_event(*view, 0);
  CHECK(event.body == commit.events[0].body);
  CHECK(event.event == events::event_id(commit.school, commit.command, 0));
  const auto input = events::decode_input(view->input);
  REQUIRE(input.has_value());
  CHECK(name_of(input->command) == "FoundSchool");
  // Written again, it is the same but for the schema that it was written by.
  CHECK(events::to_hex(without_schema_hash(events::encode_frame(commit))) ==
        events::to_hex(without_schema_hash(bytes_in("frame"))));
}

TEST_CASE("the frame on the page is read by FlatBuffers alone, from where the page says") {
  const auto frame = bytes_in("frame");
  CHECK(as_text({frame.begin(), frame.begin() + 4}) == "KBCF");
  CHECK(frame[4] + 256 * frame[5] == events::kFrameFormat);
  CHECK(frame[8] + 256 * frame[9] + 32U == frame.size());
  const std::span<const std::uint8_t> all(frame);
  const events::AlignedBytes payload(all.subspan(events::kFrameHeaderBytes));
  flatbuffers::Verifier verifier(payload.bytes().data(), payload.bytes().size());
  REQUIRE(verifier.VerifyBuffer<events::wire::Commit>("KBCM"));
  const auto* commit = events::wire::GetCommit(payload.bytes().data());
  REQUIRE(commit->events()->size() == 1);
  const auto* event =
      flatbuffers::GetRoot<events::wire::Event>(commit->events()->Get(0)->bytes()->data());
  REQUIRE(event->body_type() == events::wire::EventBody::SchoolFounded);
  CHECK(event->body_as_SchoolFounded()->name()->str() == "De Berk");
}

TEST_CASE("the ledger holds of the example what the page says, and nothing else") {
  OnePartition partition(false);
  REQUIRE(name_of(partition.read(bytes_in("frame"), std::nullopt)) == "applied");
  const auto commit = partition.ledger().commit_of_sequence(kExampleSchool, 0);
  REQUIRE(commit.has_value());
  const auto leaf = bytes_in("leaf");
  INFO("leaf hash " << events::to_hex(commit->leaf_hashes[0]));
  CHECK(events::to_hex(commit->leaf_hashes[0]) == events::to_hex(log::leaf_hash(leaf)));
  // The tree of one leaf has its hash as root.
  CHECK(partition.ledger().school_head(kExampleSchool).tree.root() == log::leaf_hash(leaf));
  partition.close();
  const auto rows = dump_ledger(partition.directory());
  INFO(readable(rows));
  CHECK((rows == rows_in("ledger")));
}

TEST_CASE("R25 a leaf holds what the page says, made by hand out of the frame") {
  const auto frame = bytes_in("frame");
  const events::AlignedBytes aligned(frame);
  const auto view = events::read_frame(aligned.bytes());
  REQUIRE(view.has_value());
  Bytes leaf = {'K', 'B', 'L', '1'};
  const auto add = [&](std::span<const std::uint8_t> bytes) {
    leaf.insert(leaf.end(), bytes.begin(), bytes.end());
  };
  const auto add_number = [&](std::uint64_t value, unsigned width) {
    for (unsigned i = width; i > 0; --i) {
      leaf.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
    }
  };
  add(events::to_bytes(kExampleSchool.value));
  add_number(0, 8);
  add_number(1'790'000'000'000'000, 8);
  add(events::to_bytes(events::event_id(kExampleSchool, view->command, 0).value));
  add_number(1, 1);
  add(events::to_bytes(kExampleSchool.value));
  add_number(1, 8);
  add_number(1, 1);
  add_number(0, 4);
  add(events::sha256(view->events[0].bytes));
  add(events::sha256(frame));
  CHECK(events::to_hex(leaf) == events::to_hex(bytes_in("leaf")));
}

TEST_CASE("a tile's hash is kept where the page says, once its 256 leaves are there") {
  constexpr std::uint64_t kLeaves = 256;
  OnePartition partition(false);
  for (std::uint64_t n = 0; n < kLeaves; ++n) {
    const auto frame =
        events::encode_frame(small_commit(kExampleSchool, std::to_string(n), n, kTestNowUs));
    REQUIRE(name_of(partition.read(frame)) == "applied");
  }
  const auto root = partition.ledger().school_head(kExampleSchool).tree.root();
  partition.close();
  std::map<std::string, std::string> tree;
  for (const auto& [key, value] : dump_ledger(partition.directory())) {
    if (key.starts_with("tree/")) tree.emplace(key, value);
  }
  REQUIRE(tree.size() == 1);
  CHECK(tree.begin()->first == "tree/" + as_text(bytes_in("tree-key")));
  CHECK(tree.begin()->second == std::string(root.begin(), root.end()));
}

TEST_CASE("the ledger's families are those of the page, and its grammar is that of ledger.h") {
  std::vector<std::string> grammar;
  bool inside = false;
  for (const auto& line : lines_of("events/log/ledger.h")) {
    if (line == "// clang-format on") break;
    if (inside) grammar.push_back(line.substr(line.find_first_not_of("/ ")));
    if (line == "// clang-format off") inside = true;
  }
  auto on_page = block("grammar");
  for (auto& line : on_page) line = line.substr(line.find_first_not_of(' '));
  CHECK(on_page == grammar);

  OnePartition partition;
  partition.begin();
  const auto commit = small_commit(kExampleSchool, "a", 0);
  partition.read(events::encode_frame(commit));
  partition.close();
  std::set<std::string> in_ledger;
  for (const auto& [key, value] : dump_ledger(partition.directory())) {
    in_ledger.insert(key.substr(0, key.find('/')));
  }
  in_ledger.insert("tree");  // the test above
  std::set<std::string> in_grammar;
  for (const auto& line : grammar) {
    if (!line.starts_with('"')) in_grammar.insert(line.substr(0, line.find(' ')));
  }
  CHECK(in_grammar == in_ledger);
}

TEST_CASE("records about the log are those bytes that the page has") {
  CHECK(events::to_hex(bytes_in("genesis")) ==
        events::to_hex(log::encode_control_record(log::Genesis{kTestLogId, 0, 1, 1})));
  CHECK(events::to_hex(bytes_in("announcement")) ==
        events::to_hex(log::encode_control_record(log::FormatAnnouncement{2})));
}

TEST_CASE("how far the embedded log is acknowledged stands in its file as the page says") {
  const TemporaryDirectory directory;
  const auto options = embedded_options_in(directory);
  {
    CountingKeySink keys;
    auto log = log::EmbeddedLog::open(options, keys);
    REQUIRE(log.has_value());
    REQUIRE(std::holds_alternative<log::Committed>(append(**log, example_commit())));
  }
  std::ifstream file(options.directory / "acknowledged", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // The example's frame of today differs from the page's in the hash of the schema.
  const auto frame = events::encode_frame(example_commit());
  auto slot = bytes_in("acknowledged");
  REQUIRE(slot.size() == 48);
  CHECK(std::ranges::equal(std::span(slot).subspan(8, 32), events::sha256(bytes_in("frame"))));
  std::ranges::copy(events::sha256(frame), slot.begin() + 8);
  const auto checksum = events::sha256(std::span(slot).first(40));
  std::copy_n(checksum.begin(), 8, slot.begin() + 40);
  CHECK(bytes == as_text(slot));
}

// R5: what is wrong with a record, in the order in which it is found.

constexpr std::int64_t kStampUs = kTestNowUs;
constexpr std::uint32_t kPartitions = 2;

/// Everything that may be wrong with one commit at once; cured one after the other, from above.
struct Wrongs {
  bool before_genesis = true;
  bool broken_header = true;
  bool unannounced_format = true;
  bool unknown_format = true;
  bool too_large = true;
  bool does_not_verify = true;
  bool school_elsewhere = true;
  bool clock_off = true;
  bool done_before = true;
  bool unconditioned = true;
  bool foreign_event_id = true;
  bool stream_moved = true;
};

events::SchoolId school_in_partition(std::uint32_t partition) {
  for (std::uint64_t n = 1;; ++n) {
    if (log::partition_of(school_number(n), kPartitions) == partition) return school_number(n);
  }
}

/// Overwrites every place where these bytes stand.
void overwrite(Bytes& in, const Bytes& what, std::uint8_t with) {
  for (auto at = in.begin();;) {
    at = std::search(at, in.end(), what.begin(), what.end());
    if (at == in.end()) return;
    std::fill_n(at, what.size(), with);
  }
}

/// An id as FlatBuffers holds it: two little-endian halves.
Bytes wire_bytes(const events::Uuid& id) {
  Bytes bytes;
  for (const auto half : {id.hi, id.lo}) {
    for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(half >> (8 * i)));
  }
  return bytes;
}

Bytes record_with(const Wrongs& wrongs) {
  auto commit = small_commit(school_in_partition(wrongs.school_elsewhere ? 1 : 0),
                             wrongs.done_before ? "done before" : "new", 1, kStampUs);
  if (wrongs.clock_off) commit.decided_at_us += log::kClockSkewUsMax + 1;
  if (wrongs.stream_moved) commit.conditions[0].expected_version = 9;
  if (wrongs.unconditioned) commit.conditions[0].stream = events::child_stream(child_number(1));
  if (wrongs.too_large) {
    std::get<events::SchoolRenamed>(commit.events[0].body).name.assign(events::kFrameBytesMax, 'x');
  }
  auto frame = events::encode_frame(commit);
  if (wrongs.foreign_event_id) {
    overwrite(frame, wire_bytes(events::event_id(commit.school, commit.command, 0).value), 0xEE);
  }
  // Where the root table lies: far outside.
  if (wrongs.does_not_verify) frame[events::kFrameHeaderBytes + 3] = 0x7F;
  if (wrongs.unannounced_format) frame[5] = 0x7F;
  if (!wrongs.unannounced_format && wrongs.unknown_format) frame[4] = 0x7F;
  if (wrongs.broken_header) frame[8] ^= 1;
  return frame;
}

/// What a partition that has what the story needs makes of it.
std::string_view verdict_on(const Wrongs& wrongs) {
  OnePartition partition(true, kPartitions);
  if (!wrongs.before_genesis) {
    partition.begin();
    partition.read(log::encode_control_record(log::FormatAnnouncement{0x7F}));
    const auto school = school_in_partition(0);
    partition.read(events::encode_frame(small_commit(school, "done before", 0, kStampUs)));
  }
  return name_of(partition.read(record_with(wrongs), kStampUs));
}

TEST_CASE("R5 the checks of apply come in the order in which the page has them") {
  std::vector<std::string> found;
  Wrongs wrongs;
  found.emplace_back(verdict_on(wrongs));
  for (bool Wrongs::* wrong :
       {&Wrongs::before_genesis, &Wrongs::broken_header, &Wrongs::unannounced_format,
        &Wrongs::unknown_format, &Wrongs::too_large, &Wrongs::does_not_verify,
        &Wrongs::school_elsewhere, &Wrongs::clock_off, &Wrongs::done_before, &Wrongs::unconditioned,
        &Wrongs::foreign_event_id, &Wrongs::stream_moved}) {
    wrongs.*wrong = false;
    found.emplace_back(verdict_on(wrongs));
  }
  CHECK(found.back() == "applied");
  found.pop_back();
  std::vector<std::string> on_page;
  for (const auto& cell : column_of_table("The checks of apply, in their order", 2)) {
    for (auto& name : names_in(cell)) on_page.push_back(std::move(name));
  }
  // A malformed record about the log is told apart by its first bytes, before all frames.
  std::erase(on_page, "control_record");
  std::erase(on_page, "other_log");
  CHECK(found == on_page);
}

TEST_CASE("R5 each check voids alone, whatever else is right") {
  const Wrongs none{false, false, false, false, false, false,
                    false, false, false, false, false, false};
  REQUIRE(verdict_on(none) == "applied");
  const std::vector<std::pair<bool Wrongs::*, std::string_view>> expected = {
      {&Wrongs::before_genesis, "before_genesis"},
      {&Wrongs::broken_header, "not_a_frame"},
      {&Wrongs::unannounced_format, "unknown_format"},
      {&Wrongs::unknown_format, "newer_format"},
      {&Wrongs::too_large, "too_large"},
      {&Wrongs::does_not_verify, "verification"},
      {&Wrongs::school_elsewhere, "school_elsewhere"},
      {&Wrongs::clock_off, "clock_skew"},
      {&Wrongs::done_before, "duplicate"},
      {&Wrongs::unconditioned, "unconditioned_stream"},
      {&Wrongs::foreign_event_id, "verification"},
      {&Wrongs::stream_moved, "conflict"}};
  for (const auto& [wrong, verdict] : expected) {
    Wrongs one = none;
    one.*wrong = true;
    CHECK(verdict_on(one) == verdict);
  }
}

TEST_CASE("every reason for which a record is void stands on the page") {
  std::set<std::string> on_page;
  for (const auto& cell : column_of_table("The checks of apply, in their order", 2)) {
    for (auto& name : names_in(cell)) on_page.insert(std::move(name));
  }
  for (auto reason = log::VoidReason::before_genesis;
       reason <= log::VoidReason::unconditioned_stream;
       reason = static_cast<log::VoidReason>(std::to_underlying(reason) + 1)) {
    CHECK(on_page.contains(std::string(name_of(reason))));
  }
}

}  // namespace
}  // namespace klasboek::tests
