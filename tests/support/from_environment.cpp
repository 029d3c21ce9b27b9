#include "tests/support/from_environment.h"

#include <cstdlib>
#include <string>

namespace klasboek::tests {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace klasboek::tests
