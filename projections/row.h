#pragma once
// The bytes of view rows: members one after the other, in one order only, so that the same row has
// the same bytes on every machine and after every rebuild.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "events/commit.h"

namespace klasboek::projections {

/// A sealed text as it stands in a view: with the command it was sealed for, without which nobody
/// can open it.
struct SealedText {
  events::CommandId command{};
  events::Sealed sealed;
  bool operator==(const SealedText&) const = default;
};

/// The text of an event as a view keeps it; nullopt where the event has none.
std::optional<SealedText> sealed_text(const std::unique_ptr<events::Sealed>& sealed,
                                      const events::RecordedEvent& event);

class RowWriter {
 public:
  RowWriter& u8(std::uint8_t value);
  RowWriter& u16(std::uint16_t value);
  RowWriter& u32(std::uint32_t value);
  RowWriter& u64(std::uint64_t value);
  RowWriter& i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value)); }
  RowWriter& boolean(bool value) { return u8(value ? 1 : 0); }
  RowWriter& day(events::Day value) { return u32(static_cast<std::uint32_t>(value.days)); }
  RowWriter& optional_day(const std::optional<events::Day>& value);
  RowWriter& uuid(const events::Uuid& value);
  template <class Tag>
  RowWriter& id(const events::Id<Tag>& value) {
    return uuid(value.value);
  }
  /// Length (4 bytes) and bytes.
  RowWriter& text(std::string_view value);
  RowWriter& sealed(const std::optional<SealedText>& value);
  RowWriter& actor(const events::Actor& value);
  template <class Enum>
    requires std::is_enum_v<Enum>
  RowWriter& one_of(Enum value) {
    return u8(static_cast<std::uint8_t>(value));
  }
  /// Count (4 bytes), then each by `write(*this, element)`.
  template <class Range, class Write>
  RowWriter& list(const Range& range, Write&& write) {
    u32(static_cast<std::uint32_t>(std::size(range)));
    for (const auto& element : range) write(*this, element);
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// A row that isn't what its view wrote: the view is to be rebuilt.
class RowDamaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads in the order in which RowWriter wrote. Throws RowDamaged past the end.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  bool boolean() { return u8() != 0; }
  events::Day day() { return {static_cast<std::int32_t>(u32())}; }
  std::optional<events::Day> optional_day();
  events::Uuid uuid();
  template <class AnId>
  AnId id() {
    return AnId{uuid()};
  }
  std::string text();
  std::optional<SealedText> sealed();
  events::Actor actor();
  template <class Enum>
  Enum one_of() {
    return static_cast<Enum>(u8());
  }
  template <class Element, class Read>
  std::vector<Element> list(Read&& read) {
    const auto count = u32();
    std::vector<Element> elements;
    // A damaged count asks for no more than the row could hold.
    elements.reserve(std::min<std::size_t>(count, rest_.size()));
    for (std::uint32_t i = 0; i < count; ++i) elements.push_back(read(*this));
    return elements;
  }

 private:
  std::string_view take(std::size_t bytes);
  std::string_view rest_;
};

}  // namespace klasboek::projections
