#include "events/log/control_record.h"

#include <algorithm>

namespace klasboek::log {

namespace {

using Magic = std::array<std::uint8_t, 4>;
constexpr Magic kGenesisMagic = {'K', 'B', 'G', 'N'};
constexpr Magic kAnnouncementMagic = {'K', 'B', 'F', 'A'};
constexpr std::size_t kFormatAt = 4;
constexpr std::size_t kZeroAt = 6;
constexpr std::size_t kPartitionAt = 8;
constexpr std::size_t kPartitionCountAt = 12;
constexpr std::size_t kLogIdAt = 16;
constexpr std::size_t kGenesisBytes = 32;
constexpr std::size_t kAnnouncementBytes = 8;

void put_le(events::Bytes& out, std::uint32_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint32_t get_le(std::span<const std::uint8_t> bytes, std::size_t at, unsigned width) {
  std::uint32_t value = 0;
  for (unsigned i = width; i > 0; --i) value = (value << 8) | bytes[at + i - 1];
  return value;
}

bool begins_with(std::span<const std::uint8_t> bytes, const Magic& magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

struct Encode {
  events::Bytes operator()(const Genesis& genesis) const {
    events::Bytes out(kGenesisMagic.begin(), kGenesisMagic.end());
    put_le(out, genesis.first_format, 2);
    put_le(out, 0, 2);
    put_le(out, genesis.partition, 4);
    put_le(out, genesis.partition_count, 4);
    out.insert(out.end(), genesis.log_id.begin(), genesis.log_id.end());
    return out;
  }
  events::Bytes operator()(const FormatAnnouncement& announcement) const {
    events::Bytes out(kAnnouncementMagic.begin(), kAnnouncementMagic.end());
    put_le(out, announcement.format, 2);
    put_le(out, 0, 2);
    return out;
  }
};

}  // namespace

events::Bytes encode_control_record(const ControlRecord& record) {
  return std::visit(Encode{}, record);
}

bool begins_as_control_record(std::span<const std::uint8_t> bytes) {
  return begins_with(bytes, kGenesisMagic) || begins_with(bytes, kAnnouncementMagic);
}

std::optional<ControlRecord> read_control_record(std::span<const std::uint8_t> bytes) {
  if (begins_with(bytes, kAnnouncementMagic)) {
    if (bytes.size() != kAnnouncementBytes || get_le(bytes, kZeroAt, 2) != 0) return std::nullopt;
    return FormatAnnouncement{static_cast<std::uint16_t>(get_le(bytes, kFormatAt, 2))};
  }
  if (!begins_with(bytes, kGenesisMagic) || bytes.size() != kGenesisBytes ||
      get_le(bytes, kZeroAt, 2) != 0) {
    return std::nullopt;
  }
  Genesis genesis;
  genesis.first_format = static_cast<std::uint16_t>(get_le(bytes, kFormatAt, 2));
  genesis.partition = get_le(bytes, kPartitionAt, 4);
  genesis.partition_count = get_le(bytes, kPartitionCountAt, 4);
  std::ranges::copy(bytes.subspan(kLogIdAt), genesis.log_id.begin());
  if (genesis.partition >= genesis.partition_count) return std::nullopt;
  return genesis;
}

bool ControlState::allows(std::uint16_t format) const {
  return std::ranges::find(formats, format) != formats.end();
}

}  // namespace klasboek::log
