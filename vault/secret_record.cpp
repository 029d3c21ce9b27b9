#include "vault/secret_record.h"

#include <algorithm>
#include <cassert>

namespace klasboek::vault {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kAboutAt = 3;

}  // namespace

SecretRecord record_of(const SecretRow& row) {
  assert(is_shared(row.kind));
  SecretRecord record;
  record.key.push_back(static_cast<std::uint8_t>(row.kind));
  record.key.insert(record.key.end(), row.key.begin(), row.key.end());
  if (row.is_removal()) return record;
  Bytes value{kFormat, static_cast<std::uint8_t>(row.about.size() >> 8U),
              static_cast<std::uint8_t>(row.about.size() & 0xFFU)};
  value.insert(value.end(), row.about.begin(), row.about.end());
  value.insert(value.end(), row.value.begin(), row.value.end());
  record.value = std::move(value);
  return record;
}

std::expected<SecretRow, RecordFault> row_of(ByteSpan key, std::optional<ByteSpan> value) {
  if (key.size() < 2) return std::unexpected(RecordFault::not_a_record);
  SecretRow row;
  row.kind = static_cast<RowKind>(key[0]);
  if (std::ranges::find(kRowKinds, row.kind) == kRowKinds.end()) {
    return std::unexpected(is_shared(row.kind) ? RecordFault::newer : RecordFault::not_a_record);
  }
  if (!is_shared(row.kind)) return std::unexpected(RecordFault::not_a_record);
  row.key.assign(key.begin() + 1, key.end());
  if (!value) return row;
  if (value->empty()) return std::unexpected(RecordFault::not_a_record);
  if (value->front() > kFormat) return std::unexpected(RecordFault::newer);
  if (value->front() != kFormat || value->size() < kAboutAt) {
    return std::unexpected(RecordFault::not_a_record);
  }
  const std::size_t about_size = std::size_t{(*value)[1]} << 8U | (*value)[2];
  const ByteSpan rest = value->subspan(kAboutAt);
  if (rest.size() <= about_size) return std::unexpected(RecordFault::not_a_record);
  row.about.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(about_size));
  row.value.assign(rest.begin() + static_cast<std::ptrdiff_t>(about_size), rest.end());
  return row;
}

}  // namespace klasboek::vault
