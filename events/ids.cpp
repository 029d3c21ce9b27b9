#include "events/ids.h"

#include <sodium.h>

#include <cstring>

#include "events/sha256.h"

namespace klasboek::events {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kSuffixLength = 26;
constexpr int kBitsPerCharacter = 5;
__extension__ using Bits = unsigned __int128;

void put_be(std::uint64_t value, std::uint8_t* out) {
  for (int i = 7; i >= 0; --i) {
    out[i] = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
}

std::uint64_t get_be(const std::uint8_t* in) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | in[i];
  return value;
}

/// SHA-256 over parts that each stand behind their length, so that no two lists of parts collide.
class PartsHash {
 public:
  PartsHash& add(std::span<const std::uint8_t> part) {
    std::array<std::uint8_t, 8> length;
    put_be(part.size(), length.data());
    hash_.add(length).add(part);
    return *this;
  }
  PartsHash& add(std::string_view part) {
    return add({reinterpret_cast<const std::uint8_t*>(part.data()), part.size()});
  }
  PartsHash& add(const Uuid& part) { return add(to_bytes(part)); }
  PartsHash& add(std::uint32_t number) {
    std::array<std::uint8_t, 8> bytes;
    put_be(number, bytes.data());
    return add(bytes);
  }
  std::array<std::uint8_t, 16> first_16() {
    const auto hash = hash_.finish();
    std::array<std::uint8_t, 16> cut;
    std::memcpy(cut.data(), hash.data(), cut.size());
    return cut;
  }

 private:
  Sha256 hash_;
};

}  // namespace

std::array<std::uint8_t, 16> to_bytes(const Uuid& uuid) {
  std::array<std::uint8_t, 16> bytes;
  put_be(uuid.hi, bytes.data());
  put_be(uuid.lo, bytes.data() + 8);
  return bytes;
}

Uuid uuid_from_bytes(std::span<const std::uint8_t, 16> bytes) {
  return Uuid{get_be(bytes.data()), get_be(bytes.data() + 8)};
}

Uuid uuid_v7(std::int64_t unix_ms, std::span<const std::uint8_t, 10> random) {
  std::array<std::uint8_t, 16> bytes;
  const auto ms = static_cast<std::uint64_t>(unix_ms);
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::memcpy(bytes.data() + 6, random.data(), random.size());
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x70);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  return uuid_from_bytes(bytes);
}

Uuid uuid_v8(std::span<const std::uint8_t, 16> derived) {
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), derived.data(), bytes.size());
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x80);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  return uuid_from_bytes(bytes);
}

std::string to_type_id(std::string_view prefix, const Uuid& uuid) {
  std::string text;
  text.reserve(prefix.size() + 1 + kSuffixLength);
  if (!prefix.empty()) {
    text.append(prefix);
    text.push_back('_');
  }
  // 128 bits in 26 characters of five: the first character holds only three bits.
  const Bits bits = (static_cast<Bits>(uuid.hi) << 64) | uuid.lo;
  for (int i = static_cast<int>(kSuffixLength) - 1; i >= 0; --i) {
    text.push_back(kAlphabet[static_cast<std::size_t>(bits >> (i * kBitsPerCharacter)) & 0x1F]);
  }
  return text;
}

std::optional<Uuid> parse_type_id(std::string_view prefix, std::string_view text) {
  if (!prefix.empty()) {
    if (!text.starts_with(prefix)) return std::nullopt;
    text.remove_prefix(prefix.size());
    if (!text.starts_with('_')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (text.size() != kSuffixLength || text.front() > '7') return std::nullopt;
  Bits bits = 0;
  for (const char c : text) {
    const auto digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << kBitsPerCharacter) | digit;
  }
  return Uuid{static_cast<std::uint64_t>(bits >> 64), static_cast<std::uint64_t>(bits)};
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0x0F]);
  }
  return text;
}

CommandId command_id_of_request(const SchoolId& school, const AccountId& account,
                                std::string_view idempotency_key) {
  return PartsHash{}
      .add("request")
      .add(school.value)
      .add(account.value)
      .add(idempotency_key)
      .first_16();
}

CommandId command_id_of_reaction(std::string_view reaction, const EventId& cause) {
  return PartsHash{}.add("reaction").add(reaction).add(cause.value).first_16();
}

CommandId command_id_of_chunk(const CommandId& command, std::uint32_t n) {
  return PartsHash{}.add("chunk").add(command).add(n).first_16();
}

EventId event_id(const SchoolId& school, const CommandId& command, std::uint32_t index) {
  return EventId{
      uuid_v8(PartsHash{}.add("event").add(school.value).add(command).add(index).first_16())};
}

}  // namespace klasboek::events
