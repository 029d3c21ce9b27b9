#include "events/log/transparency_tiles.h"

#include <algorithm>
#include <cassert>

namespace klasboek::log {
namespace {

std::string three_digits(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(3 - digits.size(), '0') + digits;
}

std::string path(std::string_view room, std::uint64_t index, std::uint64_t width) {
  assert(1 <= width && width <= kTileWidth);
  std::string groups = three_digits(index % 1000);
  for (index /= 1000; index > 0; index /= 1000) {
    groups.insert(0, "x" + three_digits(index % 1000) + "/");
  }
  std::string result = "tile/";
  result.append(room).append("/").append(groups);
  if (width < kTileWidth) result.append(".p/").append(std::to_string(width));
  return result;
}

}  // namespace

std::uint64_t tile_width(unsigned level, std::uint64_t index, std::uint64_t tree_size) {
  assert(level < kTileLevelsMax);
  assert(tree_size <= kTreeSizeMax);
  const std::uint64_t hashes = tree_size >> (kTileHeight * level);
  if (index > hashes / kTileWidth) return 0;
  return std::min(kTileWidth, hashes - index * kTileWidth);
}

std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width) {
  return path(std::to_string(level), index, width);
}

std::string entries_path(std::uint64_t index, std::uint64_t width) {
  return path("entries", index, width);
}

std::string_view describe(BundleError error) {
  switch (error) {
    case BundleError::entry_is_too_long:
      return "a log entry is longer than the 65,535 bytes that a bundle can hold: make the entry "
             "smaller, for instance by a hash of its contents";
  }
  return "unknown";
}

std::expected<void, BundleError> append_entry(std::string& bundle,
                                              std::span<const std::uint8_t> entry) {
  if (entry.size() > kEntrySizeBytesMax) return std::unexpected(BundleError::entry_is_too_long);
  bundle.push_back(static_cast<char>(entry.size() >> 8));
  bundle.push_back(static_cast<char>(entry.size() & 0xFFU));
  bundle.append(entry.begin(), entry.end());
  return {};
}

}  // namespace klasboek::log
