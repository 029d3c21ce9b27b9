#pragma once
// Where random bytes come from: outside, so that a simulation can repeat itself.
#include <array>
#include <cstdint>
#include <functional>
#include <span>

namespace klasboek::vault {

/// Fills all of the span with bytes that nobody can foretell. Called from any thread at any moment.
using Random = std::function<void(std::span<std::uint8_t>)>;

/// The operating system's own.
Random system_random();

template <std::size_t N>
std::array<std::uint8_t, N> draw(const Random& random) {
  std::array<std::uint8_t, N> bytes{};
  random(bytes);
  return bytes;
}

}  // namespace klasboek::vault
