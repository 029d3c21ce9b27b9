#pragma once
// Flips a byte of a log that stands on disk, and asks for all that was acknowledged.
#include <cstdint>
#include <filesystem>

namespace klasboek::tests {

/// The byte at this offset becomes itself xor `bits`.
void flip_byte(const std::filesystem::path& file, std::uint64_t offset, std::uint8_t bits);

struct BitRot {
  std::uint64_t seed = 0;
  /// In each file of the log.
  std::uint64_t flips_per_file = 0;
};

/// Each byte that is flipped gives the right data or a refusal that names file and place; never
/// fewer events. Says seed, file and offset of one that doesn't.
void check_bit_rot(const BitRot& rot);

}  // namespace klasboek::tests
