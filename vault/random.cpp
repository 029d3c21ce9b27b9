#include "vault/random.h"

#include <sodium.h>

namespace klasboek::vault {

Random system_random() {
  return [](std::span<std::uint8_t> bytes) { randombytes_buf(bytes.data(), bytes.size()); };
}

}  // namespace klasboek::vault
