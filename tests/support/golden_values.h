#pragma once
// One value of every event type with every field filled, and none with the default of its field:
// what the golden bytes in tests/golden hold. A value changes only together with a new version of
// its file.
#include <memory>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "tests/support/given.h"

namespace klasboek::tests {

/// A sealed text that no key opens.
inline std::unique_ptr<events::Sealed> golden_text(std::uint16_t slot) {
  auto text = std::make_unique<events::Sealed>();
  text->key = numbered<events::KeyId>(40 + slot);
  text->slot = slot;
  for (std::uint8_t i = 0; i < 24; ++i) text->nonce.push_back(static_cast<std::uint8_t>(slot + i));
  text->ciphertext = {0xC1, 0xF4, 0xE2, static_cast<std::uint8_t>(slot)};
  return text;
}

/// School, groups, children, accounts and preferences.
std::vector<events::EventBody> golden_people();
/// Posts, consent, absence and leave.
std::vector<events::EventBody> golden_care();
/// Delivery, erasure and roster imports.
std::vector<events::EventBody> golden_upkeep();

}  // namespace klasboek::tests
