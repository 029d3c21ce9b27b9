#pragma once
// What a transparency log serves of its tree: paths of tiles and bundles of entries, as in C2SP
// tlog-tiles. A tile's body is its hashes one after another, 32 bytes each, without more.
//
// Pure functions; may be called from any thread.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "events/log/transparency_tree.h"

namespace klasboek::log {

/// How many hashes tile `index` on `level` has in a tree of `tree_size` leaves: kTileWidth where it
/// is full, 0 where there is none. REQUIRES: level < kTileLevelsMax, tree_size <= kTreeSizeMax.
std::uint64_t tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size);

/// "tile/<level>/<index>", and ".p/<width>" where the tile is not full. The index is written in
/// groups of three digits, all but the last marked with an x: 1234067 is "x001/x234/067".
/// REQUIRES: 1 <= width <= kTileWidth.
std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width);

/// The same for the entries whose leaf hashes are tile `index` on level 0: "tile/entries/<index>".
std::string entries_path(std::uint64_t index, std::uint64_t width);

/// What the length before an entry can say, 16 bits.
inline constexpr std::size_t kEntrySizeBytesMax = 0xFFFF;

enum class BundleError : std::uint8_t { entry_is_too_long };

/// What is wrong and what to do, in one line.
std::string_view describe(BundleError error);

/// Appends one entry to a bundle: its length, big-endian in 2 bytes, then its bytes. The bundle is
/// left as it was where the entry is longer than kEntrySizeBytesMax.
std::expected<void, BundleError> append_entry(std::string& bundle,
                                              std::span<const std::uint8_t> entry);

}  // namespace klasboek::log
