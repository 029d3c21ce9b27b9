#pragma once
// Finds the sealed texts of an event by its schema, whatever its type: who takes a decision again
// hands them back to decide, and who erases must know which keys an event hangs on.
#include <cstdint>
#include <span>
#include <vector>

#include "events/schema/common_generated.h"

namespace klasboek::events {

/// In the order of the event's fields; texts without ciphertext aren't among them.
/// REQUIRES: the bytes are an event of a verified frame (FramedEvent::bytes).
std::vector<wire::SealedT> sealed_texts_in(std::span<const std::uint8_t> event_bytes);

}  // namespace klasboek::events
