#include "events/log/transparency_tree.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "events/sha256.h"

namespace klasboek::log {

namespace {

constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;
constexpr std::size_t kEncodedSizeBytes = 8;

}  // namespace

Hash leaf_hash(std::span<const std::uint8_t> entry) {
  thread_local events::Sha256 hasher;
  return hasher.add({&kLeafPrefix, 1}).add(entry).finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 1 + 2 * kHashSizeBytes> message = {kNodePrefix};
  std::copy(left.begin(), left.end(), message.begin() + 1);
  std::copy(right.begin(), right.end(), message.begin() + 1 + kHashSizeBytes);
  return events::sha256(message);
}

Hash empty_root() { return events::sha256({}); }

std::string_view describe(CompactRangeError error) {
  switch (error) {
    case CompactRangeError::encoding_is_truncated:
      return "the stored right edge of the tree is too short for its size: the ledger is damaged, "
             "restore it or build it again from the log";
    case CompactRangeError::encoding_has_trailing_bytes:
      return "the stored right edge of the tree is longer than its size allows: the ledger is "
             "damaged, restore it or build it again from the log";
    case CompactRangeError::tree_size_exceeds_limit:
      return "the stored right edge of the tree claims more leaves than a tree can have: the "
             "ledger is damaged, restore it or build it again from the log";
  }
  return "unknown";
}

CompactRange::CompactRange(std::uint64_t size, std::span<const Hash> peaks) : size_(size) {
  assert(size <= kTreeSizeMax);
  assert(peaks.size() == static_cast<std::size_t>(std::popcount(size)));
  std::uint64_t rest = size;
  for (const Hash& peak : peaks) {
    const std::uint64_t widest = std::bit_floor(rest);
    peaks_[static_cast<std::size_t>(std::countr_zero(widest))] = peak;
    rest -= widest;
  }
}

CompletedNodes CompactRange::append(const Hash& leaf) {
  assert(size_ < kTreeSizeMax);
  CompletedNodes completed;
  Hash hash = leaf;
  unsigned height = 0;
  while (has_peak(height)) {
    hash = node_hash(peaks_[height], hash);
    ++height;
    if (height % kTileHeight == 0) {
      completed.nodes_[completed.count_++] = {height / kTileHeight, size_ >> height, hash};
    }
  }
  peaks_[height] = hash;
  ++size_;
  return completed;
}

Hash CompactRange::root() const {
  if (size_ == 0) return empty_root();
  auto height = static_cast<unsigned>(std::countr_zero(size_));
  Hash hash = peaks_[height];
  while (++height < kTreeHeightMax) {
    if (has_peak(height)) hash = node_hash(peaks_[height], hash);
  }
  return hash;
}

std::string CompactRange::encode() const {
  std::string bytes;
  bytes.reserve(kEncodedSizeBytes +
                kHashSizeBytes * static_cast<std::size_t>(std::popcount(size_)));
  for (std::size_t i = kEncodedSizeBytes; i-- > 0;) {
    bytes.push_back(static_cast<char>(size_ >> (8 * i) & 0xFFU));
  }
  for (unsigned height = kTreeHeightMax; height-- > 0;) {
    if (has_peak(height)) bytes.append(peaks_[height].begin(), peaks_[height].end());
  }
  return bytes;
}

std::expected<CompactRange, CompactRangeError> CompactRange::decode(std::string_view bytes) {
  if (bytes.size() < kEncodedSizeBytes) {
    return std::unexpected(CompactRangeError::encoding_is_truncated);
  }
  std::uint64_t size = 0;
  for (const char byte : bytes.substr(0, kEncodedSizeBytes)) {
    size = size << 8 | static_cast<std::uint8_t>(byte);
  }
  if (size > kTreeSizeMax) return std::unexpected(CompactRangeError::tree_size_exceeds_limit);

  bytes.remove_prefix(kEncodedSizeBytes);
  const auto count = static_cast<std::size_t>(std::popcount(size));
  if (bytes.size() < count * kHashSizeBytes) {
    return std::unexpected(CompactRangeError::encoding_is_truncated);
  }
  if (bytes.size() > count * kHashSizeBytes) {
    return std::unexpected(CompactRangeError::encoding_has_trailing_bytes);
  }
  std::array<Hash, kTreeHeightMax> peaks{};
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * kHashSizeBytes), kHashSizeBytes,
                peaks[i].begin());
  }
  return CompactRange(size, std::span(peaks).first(count));
}

bool operator==(const CompactRange& a, const CompactRange& b) {
  if (a.size_ != b.size_) return false;
  for (unsigned height = 0; height < kTreeHeightMax; ++height) {
    if (a.has_peak(height) && a.peaks_[height] != b.peaks_[height]) return false;
  }
  return true;
}

}  // namespace klasboek::log
