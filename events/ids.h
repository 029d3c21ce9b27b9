#pragma once
// Ids of everything that has a story. An id is a UUID with a type: in C++ a type of its own, in
// text a TypeID (https://github.com/jetify-com/typeid, version 0.3):
// `child_01h455vb4pex5vsknk084sn02q`.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace klasboek::events {

/// A UUID as two big-endian halves, so that comparing values compares their bytes.
struct Uuid {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  auto operator<=>(const Uuid&) const = default;
  [[nodiscard]] bool is_zero() const { return hi == 0 && lo == 0; }
};

/// The 16 bytes in network order, as they stand in keys.
std::array<std::uint8_t, 16> to_bytes(const Uuid& uuid);
Uuid uuid_from_bytes(std::span<const std::uint8_t, 16> bytes);

/// UUIDv7 (RFC 9562, 5.7) of a moment in milliseconds since 1970 and ten random bytes, both from
/// outside; the first bytes order ids by time.
Uuid uuid_v7(std::int64_t unix_ms, std::span<const std::uint8_t, 10> random);
/// UUIDv8 (RFC 9562, 5.8) out of 16 bytes that somebody derived, as from a hash.
Uuid uuid_v8(std::span<const std::uint8_t, 16> derived);

/// `prefix_` and 26 characters of Crockford's base32, lower case; without a prefix only the latter.
std::string to_type_id(std::string_view prefix, const Uuid& uuid);
/// nullopt where the text isn't a TypeID with exactly this prefix.
std::optional<Uuid> parse_type_id(std::string_view prefix, std::string_view text);

/// A typed id. Tag::kPrefix is the type prefix of its text.
template <class Tag>
struct Id {
  static constexpr std::string_view kPrefix = Tag::kPrefix;
  Uuid value;
  auto operator<=>(const Id&) const = default;
  [[nodiscard]] bool is_zero() const { return value.is_zero(); }
};

struct SchoolTag {
  static constexpr std::string_view kPrefix = "school";
};
struct GroupTag {
  static constexpr std::string_view kPrefix = "group";
};
struct ChildTag {
  static constexpr std::string_view kPrefix = "child";
};
struct AccountTag {
  static constexpr std::string_view kPrefix = "account";
};
struct PostTag {
  static constexpr std::string_view kPrefix = "post";
};
struct PurposeTag {
  static constexpr std::string_view kPrefix = "purpose";
};
struct AbsenceTag {
  static constexpr std::string_view kPrefix = "absence";
};
struct LeaveTag {
  static constexpr std::string_view kPrefix = "leave";
};
struct InvitationTag {
  static constexpr std::string_view kPrefix = "invitation";
};
struct RosterImportTag {
  static constexpr std::string_view kPrefix = "roster_import";
};
struct KeyTag {
  static constexpr std::string_view kPrefix = "key";
};
struct EventTag {
  static constexpr std::string_view kPrefix = "event";
};

using SchoolId = Id<SchoolTag>;
using GroupId = Id<GroupTag>;
using ChildId = Id<ChildTag>;
using AccountId = Id<AccountTag>;
using PostId = Id<PostTag>;
using PurposeId = Id<PurposeTag>;
using AbsenceId = Id<AbsenceTag>;
using LeaveId = Id<LeaveTag>;
using InvitationId = Id<InvitationTag>;
using RosterImportId = Id<RosterImportTag>;
using KeyId = Id<KeyTag>;
using EventId = Id<EventTag>;

template <class Tag>
std::string to_text(const Id<Tag>& id) {
  return to_type_id(Tag::kPrefix, id.value);
}

/// As in `parse_id<ChildId>("child_…")`; nullopt where the text is no id of this type.
template <class AnId>
std::optional<AnId> parse_id(std::string_view text) {
  const auto uuid = parse_type_id(AnId::kPrefix, text);
  if (!uuid) return std::nullopt;
  return AnId{*uuid};
}

/// A command's id: 16 bytes derived from who asked and the key of the request (never an own
/// choice).
using CommandId = std::array<std::uint8_t, 16>;
/// New for each attempt to append; by it a node finds its own record in the log.
using AttemptId = std::array<std::uint8_t, 16>;
/// SHA-256.
using Hash = std::array<std::uint8_t, 32>;

/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// SHA-256(school, account, Idempotency-Key) cut to 16 bytes; every part is bounded by its length.
CommandId command_id_of_request(const SchoolId& school, const AccountId& account,
                                std::string_view idempotency_key);
/// What a reaction does because of an event: the same on every node and after every crash.
CommandId command_id_of_reaction(std::string_view reaction, const EventId& cause);
/// The n-th commit of one command that makes several.
CommandId command_id_of_chunk(const CommandId& command, std::uint32_t n);
/// Events get their id from their command and their place in the commit.
EventId event_id(const SchoolId& school, const CommandId& command, std::uint32_t index);

}  // namespace klasboek::events

template <>
struct std::hash<klasboek::events::Uuid> {
  std::size_t operator()(const klasboek::events::Uuid& uuid) const noexcept {
    return static_cast<std::size_t>(uuid.hi * 0x9E3779B97F4A7C15ULL ^ uuid.lo);
  }
};
template <class Tag>
struct std::hash<klasboek::events::Id<Tag>> {
  std::size_t operator()(const klasboek::events::Id<Tag>& id) const noexcept {
    return std::hash<klasboek::events::Uuid>{}(id.value);
  }
};
