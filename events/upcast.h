#pragma once
// What older programs wrote. Bytes in a log stay as they are for ever; here it is said which they
// can be, and what they mean today. An event type whose meaning changed stays in the schema, is
// written no more, and is met by the program only as the present type that says the same
// (docs/schema-evolution.md).
#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <span>

#include "events/event.h"

namespace klasboek::events {

/// The greatest number of an event type that a frame of this format can hold; 0 where this program
/// doesn't know the format. A type that came later makes a frame of an older format void, as it
/// did for the programs of that time.
std::uint8_t event_types_max(std::uint16_t format);

/// An event type that is written no more.
struct OldKind {
  std::uint8_t type = 0;
  /// Whether the bytes of its table may be read.
  bool (*verify)(flatbuffers::Verifier& verifier, const void* table) = nullptr;
  /// The present event that says the same. Never fails: whatever it gets was verified, and a field
  /// that is absent has its default. REQUIRES: verify answered true.
  EventBody (*upcast)(const void* table) = nullptr;
};

/// All of them, in the order of their numbers.
std::span<const OldKind> old_kinds();

/// The row of an old type: `kUpcast` makes the present event of the old one's value.
template <class Old, auto kUpcast>
constexpr OldKind old_kind(std::uint8_t type) {
  using Table = typename Old::TableType;
  return {type,
          [](flatbuffers::Verifier& verifier, const void* table) {
            return static_cast<const Table*>(table)->Verify(verifier);
          },
          [](const void* table) -> EventBody {
            Old old;
            static_cast<const Table*>(table)->UnPackTo(&old);
            return kUpcast(old);
          }};
}

}  // namespace klasboek::events
