#include "aggregates/decision.h"

namespace klasboek::aggregates {

bool Context::has_text(std::uint16_t slot) const {
  return slot != 0 && slot <= texts.size() && !texts[slot - 1U].ciphertext.empty();
}

std::unique_ptr<events::Sealed> Context::text(std::uint16_t slot) const {
  return has_text(slot) ? std::make_unique<events::Sealed>(texts[slot - 1U]) : nullptr;
}

}  // namespace klasboek::aggregates
