#include "events/ids.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/support/naive_tree.h"
#include "tests/support/source_dir.h"

namespace klasboek::events {
namespace {

using AllIds = std::tuple<SchoolId, GroupId, ChildId, AccountId, PostId, PurposeId, AbsenceId,
                          LeaveId, InvitationId, RosterImportId, KeyId, EventId>;

template <class A, class B>
concept Comparable = requires(A a, B b) { a == b; };

/// No id takes the place of an id of another type, or of a bare UUID, in any direction.
template <class A, class B>
constexpr bool can_be_mixed() {
  if (std::is_same_v<A, B>) return false;
  return std::is_constructible_v<A, B> || std::is_convertible_v<B, A> ||
         std::is_assignable_v<A&, B> || Comparable<A, B>;
}

template <class A, class... All>
constexpr bool can_be_mixed_with_any(std::tuple<All...>*) {
  return (can_be_mixed<A, All>() || ...) || std::is_convertible_v<Uuid, A> ||
         std::is_convertible_v<A, Uuid>;
}

template <class... All>
constexpr bool any_can_be_mixed(std::tuple<All...>* all) {
  return (can_be_mixed_with_any<All>(all) || ...);
}

static_assert(!any_can_be_mixed(static_cast<AllIds*>(nullptr)));
static_assert(Comparable<ChildId, ChildId>);

/// Of every type: its prefix, and whether a text is an id of it.
struct IdType {
  std::string_view prefix;
  bool (*parses)(std::string_view);
};

template <class... All>
std::vector<IdType> id_types_of(std::tuple<All...>*) {
  return {{All::kPrefix, [](std::string_view text) { return parse_id<All>(text).has_value(); }}...};
}

std::vector<IdType> id_types() { return id_types_of(static_cast<AllIds*>(nullptr)); }

nlohmann::json vectors(const std::string& name) {
  std::ifstream file(tests::source_path("tests/vectors/") + name);
  REQUIRE(file);
  auto ids = nlohmann::json::parse(file).at("ids");
  REQUIRE(!ids.empty());
  return ids;
}

Uuid uuid_from_hex(const std::string& hex) {
  REQUIRE(hex.size() == 32);
  return {std::stoull(hex.substr(0, 16), nullptr, 16), std::stoull(hex.substr(16), nullptr, 16)};
}

std::string hex_of(const Uuid& uuid) { return to_hex(to_bytes(uuid)); }

/// TypeID 0.3, "Type Prefix", but for the empty one, which no type of ours has.
bool is_type_prefix(std::string_view prefix) {
  const auto is_letter = [](char c) { return 'a' <= c && c <= 'z'; };
  return !prefix.empty() && prefix.size() <= 63 && is_letter(prefix.front()) &&
         is_letter(prefix.back()) &&
         std::ranges::all_of(prefix, [&](char c) { return is_letter(c) || c == '_'; });
}

TEST_CASE("the published TypeIDs are read and written as published") {
  for (const auto& id : vectors("typeid_valid.json")) {
    const std::string text = id.at("text");
    const std::string prefix = id.at("prefix");
    const Uuid uuid = uuid_from_hex(id.at("uuid"));
    CAPTURE(text);
    CHECK(parse_type_id(prefix, text) == uuid);
    CHECK(to_type_id(prefix, uuid) == text);
  }
}

TEST_CASE("the published texts that are no TypeIDs are read as none, of whatever type") {
  for (const auto& id : vectors("typeid_invalid.json")) {
    const std::string text = id.at("text");
    const std::string because = id.at("because");
    CAPTURE(text, because);
    CHECK_FALSE(parse_type_id("", text));
    for (std::size_t end = text.find('_'); end != std::string::npos;
         end = text.find('_', end + 1)) {
      const std::string prefix = text.substr(0, end);
      if (is_type_prefix(prefix)) CHECK_FALSE(parse_type_id(prefix, text));
    }
    for (const IdType& type : id_types()) CHECK_FALSE(type.parses(text));
  }
}

TEST_CASE("every type's prefix is a TypeID's, and no other type's") {
  std::set<std::string_view> seen;
  for (const IdType& type : id_types()) {
    CAPTURE(type.prefix);
    CHECK(is_type_prefix(type.prefix));
    CHECK(seen.insert(type.prefix).second);
  }
}

TEST_CASE("an id in text is of one type only") {
  const Uuid uuid{0x0190b3a1d2c37a4b, 0x8f1e2d3c4b5a6978};
  CHECK(to_text(ChildId{uuid}) == "child_01j2st3mp3f95ry7hd7h5nmtbr");
  CHECK(parse_id<ChildId>("child_01j2st3mp3f95ry7hd7h5nmtbr") == ChildId{uuid});
  for (const IdType& written : id_types()) {
    const std::string text = to_type_id(written.prefix, uuid);
    for (const IdType& read : id_types()) {
      CAPTURE(text, read.prefix);
      CHECK(read.parses(text) == (read.prefix == written.prefix));
    }
  }
}

TEST_CASE("a text that is nearly an id is none") {
  const std::string id = "child_01j2st3mp3f95ry7hd7h5nmtbr";
  REQUIRE(parse_id<ChildId>(id));
  for (std::size_t length = 0; length < id.size(); ++length) {
    CHECK_FALSE(parse_id<ChildId>(id.substr(0, length)));
  }
  for (const std::string& text :
       {id + "0", id + " ", " " + id, id + std::string(1, '\0'), "child_" + id, id.substr(6),
        "Child_" + id.substr(6), "child-" + id.substr(6), "child" + id.substr(6)}) {
    CAPTURE(text);
    CHECK_FALSE(parse_id<ChildId>(text));
  }
}

TEST_CASE("any UUID survives the way to text, to bytes and back, and text sorts as the UUID does") {
  const std::uint64_t seed = tests::seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::vector<std::pair<Uuid, std::string>> ids;
  for (int n = 0; n < 5000; ++n) {
    // Often alike in the first half, so that the second one decides.
    const Uuid uuid{n % 2 == 0 ? random() : random() % 4, random()};
    ids.emplace_back(uuid, to_text(ChildId{uuid}));
    REQUIRE(parse_id<ChildId>(ids.back().second) == ChildId{uuid});
    REQUIRE(uuid_from_bytes(to_bytes(uuid)) == uuid);
  }
  std::ranges::sort(ids);
  CHECK(std::ranges::is_sorted(ids, {}, &std::pair<Uuid, std::string>::second));
  CHECK(std::ranges::is_sorted(ids, {}, [](const auto& id) { return to_bytes(id.first); }));
}

TEST_CASE("the bytes of a UUID are in network order") {
  CHECK(hex_of({0x0011223344556677, 0x8899aabbccddeeff}) == "00112233445566778899aabbccddeeff");
}

TEST_CASE("a UUIDv7 has the layout of RFC 9562's example, whatever lies under its fixed bits") {
  constexpr std::int64_t kExampleMs = 1'645'557'742'000;
  constexpr std::string_view kExample = "017f22e279b07cc398c4dc0c0c07398f";
  CHECK(hex_of(uuid_v7(kExampleMs, std::array<std::uint8_t, 10>{0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c,
                                                                0x0c, 0x07, 0x39, 0x8f})) ==
        kExample);
  CHECK(hex_of(uuid_v7(kExampleMs, std::array<std::uint8_t, 10>{0xfc, 0xc3, 0xd8, 0xc4, 0xdc, 0x0c,
                                                                0x0c, 0x07, 0x39, 0x8f})) ==
        kExample);
}

TEST_CASE("a later UUIDv7 sorts after an earlier one whatever the random bytes") {
  std::array<std::uint8_t, 10> highest{};
  highest.fill(0xff);
  const std::array<std::uint8_t, 10> lowest = {};
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{255}, std::int64_t{65'535},
                                std::int64_t{1'780'000'000'000}, std::int64_t{0xfffffffffffe}}) {
    CAPTURE(ms);
    const ChildId earlier{uuid_v7(ms, highest)};
    const ChildId later{uuid_v7(ms + 1, lowest)};
    CHECK(earlier < later);
    CHECK(to_text(earlier) < to_text(later));
  }
}

TEST_CASE("a UUIDv8 of a hash is RFC 9562's example") {
  // SHA-256 of the name "www.example.com" in the name space of DNS, cut to 16 bytes.
  const std::array<std::uint8_t, 16> hash = {0x5c, 0x14, 0x6b, 0x14, 0x3c, 0x52, 0x4a, 0xfd,
                                             0x93, 0x8a, 0x37, 0x5d, 0x0d, 0xf1, 0xfb, 0xf6};
  CHECK(hex_of(uuid_v8(hash)) == "5c146b143c528afd938a375d0df1fbf6");
}

constexpr SchoolId kSomeSchool{{0x0190b3a1d2c37a4b, 0x8f1e2d3c4b5a6978}};
constexpr AccountId kSomeAccount{{0x0190b3a1d2c47111, 0x9222333344445555}};

// These were computed by another program (Python's hashlib) from the description alone: each part
// stands behind its length in 8 bytes, numbers are 8 bytes too, all big-endian.
TEST_CASE("derived ids are what their description says, on every machine and in every year") {
  const CommandId command = command_id_of_request(kSomeSchool, kSomeAccount, "key-1");
  CHECK(to_hex(command) == "d3e8f86a110de1747ccf803d4b210dc1");
  const EventId event = event_id(kSomeSchool, command, 2);
  CHECK(hex_of(event.value) == "f82e8b2f7034898a9b4224ad00672a9d");
  CHECK(to_hex(command_id_of_reaction("mail", event)) == "c6b08e05931fe7b8e8dea4ef5440f572");
  CHECK(to_hex(command_id_of_chunk(command, 7)) == "26d66b13f12886eb113467e5b605fa57");
}

TEST_CASE("an event's id is a UUIDv8") {
  const CommandId command = command_id_of_request(kSomeSchool, kSomeAccount, "key-1");
  for (std::uint32_t index = 0; index < 100; ++index) {
    const auto bytes = to_bytes(event_id(kSomeSchool, command, index).value);
    REQUIRE(bytes[6] >> 4 == 8);
    REQUIRE(bytes[8] >> 6 == 2);
  }
}

TEST_CASE("whoever asks differently gets another command id, and every event an id of its own") {
  const SchoolId other_school{{1, 2}};
  const AccountId other_account{{3, 4}};
  std::set<std::array<std::uint8_t, 16>> seen;
  const auto is_new = [&](const std::array<std::uint8_t, 16>& id) {
    return seen.insert(id).second;
  };
  const CommandId command = command_id_of_request(kSomeSchool, kSomeAccount, "key-1");
  CHECK(is_new(command));
  CHECK(is_new(command_id_of_request(kSomeSchool, kSomeAccount, "key-2")));
  CHECK(is_new(command_id_of_request(kSomeSchool, kSomeAccount, "")));
  CHECK(is_new(command_id_of_request(kSomeSchool, other_account, "key-1")));
  CHECK(is_new(command_id_of_request(other_school, kSomeAccount, "key-1")));
  CHECK(is_new(command_id_of_chunk(command, 0)));
  CHECK(is_new(command_id_of_chunk(command, 1)));
  const EventId event = event_id(kSomeSchool, command, 0);
  CHECK(is_new(to_bytes(event.value)));
  CHECK(is_new(to_bytes(event_id(kSomeSchool, command, 1).value)));
  CHECK(is_new(to_bytes(event_id(other_school, command, 0).value)));
  CHECK(is_new(command_id_of_reaction("mail", event)));
  CHECK(is_new(command_id_of_reaction("reminder", event)));
  CHECK(is_new(command_id_of_reaction("mail", event_id(kSomeSchool, command, 1))));
}

TEST_CASE("hexadecimal is lower case, two digits a byte") {
  CHECK(to_hex(std::array<std::uint8_t, 4>{0x00, 0x0f, 0xa0, 0xff}) == "000fa0ff");
  CHECK(to_hex({}).empty());
}

}  // namespace
}  // namespace klasboek::events
