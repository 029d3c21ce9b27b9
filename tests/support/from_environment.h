#pragma once
// Numbers for whoever has more time than a test takes by default, or repeats a seed.
#include <cstdint>

namespace klasboek::tests {

/// The number that the environment variable of this name holds, or `otherwise`. Throws
/// std::invalid_argument where it holds none.
std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise);

}  // namespace klasboek::tests
