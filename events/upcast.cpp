#include "events/upcast.h"

#include <array>
#include <utility>
#include <variant>

#include "events/commit.h"
#include "events/schema/envelope_generated.h"

namespace klasboek::events {

namespace {

/// One for each format, the first one's first; what stands here never changes.
constexpr std::array<std::uint8_t, 2> kEventTypesMax = {64, 73};
constexpr std::array<OldKind, 0> kOldKinds = {};

static_assert(kEventTypesMax.size() == kFrameFormat, "every frame format says its event types");
static_assert(kEventTypesMax.back() == std::to_underlying(wire::EventBody::MAX),
              "a new event type comes with a new frame format");
static_assert(std::variant_size_v<EventKinds> + kOldKinds.size() == kEventTypesMax.back(),
              "every event type has a value in the program, or is upcast to one");

}  // namespace

std::uint8_t event_types_max(std::uint16_t format) {
  return format == 0 || format > kEventTypesMax.size() ? 0 : kEventTypesMax[format - 1];
}

std::span<const OldKind> old_kinds() { return kOldKinds; }

}  // namespace klasboek::events
