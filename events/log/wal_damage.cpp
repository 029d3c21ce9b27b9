#include "events/log/wal_damage.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace klasboek::log {

namespace {

// https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format: blocks of 32 KiB, in them
// fragments of records that never cross their ends: CRC (4 bytes), length (2), type (1), and where
// files are used again the number of the file (4); numbers are little-endian.
constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kRecyclableHeaderBytes = 11;
constexpr std::size_t kTypeAt = 6;
constexpr std::uint8_t kTypeOfZeros = 0;
constexpr std::uint8_t kFirstRecyclableType = 5;
constexpr std::uint8_t kLastRecyclableType = 8;

constexpr std::array<std::uint32_t, 256> kCrc32cTable = [] {
  constexpr std::uint32_t kCastagnoli = 0x82f63b78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    auto rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kCastagnoli : 0);
    table.at(byte) = rest;
  }
  return table;
}();

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

/// CRC-32C as it is stored: turned and shifted, so that a CRC of bytes with CRCs in them is good.
std::uint32_t stored_crc32c(std::string_view bytes) {
  constexpr std::uint32_t kShift = 0xa282ead8;
  std::uint32_t crc = ~0U;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    crc = (crc >> 8) ^ kCrc32cTable.at((crc ^ byte_at(bytes, i)) & 0xff);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + kShift;
}

/// Bytes that the fragment at the beginning of `rest` has; nullopt where it isn't what was written.
std::optional<std::size_t> sound_fragment(std::string_view rest) {
  const auto type = byte_at(rest, kTypeAt);
  const std::size_t length = byte_at(rest, 4) | static_cast<std::size_t>(byte_at(rest, 5)) << 8;
  const bool is_recyclable = type >= kFirstRecyclableType && type <= kLastRecyclableType;
  const auto size = (is_recyclable ? kRecyclableHeaderBytes : kHeaderBytes) + length;
  if (size > rest.size()) return std::nullopt;
  const std::uint32_t stored = byte_at(rest, 0) |
                               static_cast<std::uint32_t>(byte_at(rest, 1)) << 8 |
                               static_cast<std::uint32_t>(byte_at(rest, 2)) << 16 |
                               static_cast<std::uint32_t>(byte_at(rest, 3)) << 24;
  if (stored != stored_crc32c(rest.substr(kTypeAt, size - kTypeAt))) return std::nullopt;
  return size;
}

bool is_zeros(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char byte) { return byte == 0; });
}

/// Offset of the first fragment that isn't what was written.
std::optional<std::size_t> first_damage(std::string_view file) {
  for (std::size_t block_at = 0; block_at < file.size(); block_at += kBlockBytes) {
    const auto block = file.substr(block_at, kBlockBytes);
    for (std::size_t at = 0; at + kHeaderBytes <= block.size();) {
      const auto rest = block.substr(at);
      // Room that was taken on the disk before anything was written to it.
      if (byte_at(rest, kTypeAt) == kTypeOfZeros && is_zeros(rest)) break;
      const auto size = sound_fragment(rest);
      if (!size) return block_at + at;
      at += *size;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> first_wal_damage(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(".log") || name.starts_with("MANIFEST-")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (const auto at = first_damage(bytes)) {
      return file.filename().string() + " at offset " + std::to_string(*at);
    }
  }
  return std::nullopt;
}

}  // namespace klasboek::log
