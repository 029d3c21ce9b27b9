#pragma once
// Fixed layouts inside wrapped values and tokens: numbers big-endian, parts one after the other.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "events/ids.h"
#include "vault/secret_bytes.h"

namespace klasboek::vault {

/// Adds to bytes that somebody else owns.
class LayoutWriter {
 public:
  explicit LayoutWriter(Bytes& out) : out_(out) {}
  LayoutWriter& byte(std::uint8_t value) {
    out_.push_back(value);
    return *this;
  }
  LayoutWriter& number(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out_.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
    }
    return *this;
  }
  LayoutWriter& bytes(ByteSpan part) {
    out_.insert(out_.end(), part.begin(), part.end());
    return *this;
  }
  LayoutWriter& uuid(const events::Uuid& uuid) { return bytes(events::to_bytes(uuid)); }

 private:
  Bytes& out_;
};

/// Reads from the front; once something is too short, everything after it is zero and ok() false.
class LayoutReader {
 public:
  explicit LayoutReader(ByteSpan bytes) : rest_(bytes) {}
  std::uint8_t byte() {
    const ByteSpan part = take(1);
    return part.empty() ? std::uint8_t{0} : part[0];
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (const std::uint8_t one : take(8)) value = value << 8U | one;
    return value;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> bytes() {
    std::array<std::uint8_t, N> part{};
    std::ranges::copy(take(N), part.begin());
    return part;
  }
  events::Uuid uuid() { return events::uuid_from_bytes(bytes<16>()); }
  /// Empty where fewer are left.
  ByteSpan take(std::size_t size) {
    if (rest_.size() < size) {
      rest_ = {};
      ok_ = false;
      return {};
    }
    const ByteSpan part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }
  [[nodiscard]] ByteSpan rest() const { return rest_; }
  /// Everything was there and nothing is left.
  [[nodiscard]] bool is_whole() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  ByteSpan rest_;
  bool ok_ = true;
};

inline Bytes bytes_of_uuid(const events::Uuid& uuid) {
  const auto bytes = events::to_bytes(uuid);
  return {bytes.begin(), bytes.end()};
}

}  // namespace klasboek::vault
