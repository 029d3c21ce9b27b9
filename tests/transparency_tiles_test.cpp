#include "events/log/transparency_tiles.h"

#include <catch2/catch.hpp>
#include <vector>

namespace klasboek::tests {
namespace {

using log::kTileWidth;

TEST_CASE("a tile's path has its index in threes, and its width unless it is full") {
  CHECK(log::tile_path(0, 0, kTileWidth) == "tile/0/000");
  CHECK(log::tile_path(0, 999, kTileWidth) == "tile/0/999");
  CHECK(log::tile_path(3, 1000, kTileWidth) == "tile/3/x001/000");
  CHECK(log::tile_path(1, 1'234'067, kTileWidth) == "tile/1/x001/x234/067");
  CHECK(log::tile_path(0, 1'234'067, 1) == "tile/0/x001/x234/067.p/1");
  CHECK(log::tile_path(5, 7, 255) == "tile/5/007.p/255");
}

TEST_CASE("a bundle of entries lies beside the tile of their hashes") {
  CHECK(log::entries_path(273, 112) == "tile/entries/273.p/112");
  CHECK(log::entries_path(1'000'000, kTileWidth) == "tile/entries/x001/x000/000");
}

TEST_CASE("a tree of 70,000 leaves has the tiles that the standard counts") {
  constexpr std::uint64_t kSize = 70'000;
  CHECK(log::tile_width(0, 0, kSize) == kTileWidth);
  CHECK(log::tile_width(0, 272, kSize) == kTileWidth);
  CHECK(log::tile_width(0, 273, kSize) == 112);
  CHECK(log::tile_width(0, 274, kSize) == 0);
  CHECK(log::tile_width(1, 0, kSize) == kTileWidth);
  CHECK(log::tile_width(1, 1, kSize) == 17);
  CHECK(log::tile_width(1, 2, kSize) == 0);
  CHECK(log::tile_width(2, 0, kSize) == 1);
  CHECK(log::tile_width(3, 0, kSize) == 0);
}

TEST_CASE("a tree of exactly one tile has it full, none after it, and one hash above") {
  CHECK(log::tile_width(0, 0, 256) == kTileWidth);
  CHECK(log::tile_width(0, 1, 256) == 0);
  CHECK(log::tile_width(1, 0, 256) == 1);
  CHECK(log::tile_width(1, 0, 255) == 0);
  CHECK(log::tile_width(0, 0, 0) == 0);
}

TEST_CASE("an entry in a bundle stands behind its length in two bytes") {
  std::string bundle;
  CHECK(log::append_entry(bundle, std::vector<std::uint8_t>{'a', 'b', 'c'}));
  CHECK(log::append_entry(bundle, {}));
  CHECK(bundle == std::string("\x00\x03"
                              "abc\x00\x00",
                              7));
  CHECK(log::append_entry(bundle, std::vector<std::uint8_t>(0x1234, 'x')));
  CHECK(bundle.substr(7, 3) == "\x12\x34x");
  CHECK(bundle.size() == 7 + 2 + 0x1234);
}

TEST_CASE("an entry longer than a bundle can tell is refused and leaves the bundle alone") {
  std::string bundle = "before";
  CHECK(log::append_entry(bundle, std::vector<std::uint8_t>(log::kEntrySizeBytesMax, 'x')));
  const std::string full = bundle;
  const auto appended =
      log::append_entry(bundle, std::vector<std::uint8_t>(log::kEntrySizeBytesMax + 1, 'x'));
  REQUIRE_FALSE(appended.has_value());
  CHECK(appended.error() == log::BundleError::entry_is_too_long);
  CHECK(bundle == full);
}

}  // namespace
}  // namespace klasboek::tests
