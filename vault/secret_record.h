#pragma once
// A row of the vault as a record of the topic of secrets.
//
//   key:    0  1  kind            value:  0  1  format, 1
//           1  n  the row's key           1  2  length of about, big-endian
//                                         3  n  about
//                                         …     the wrapped value
//
// A removal has no value, so that compaction drops the row and, later, the removal too.
#include <cstdint>
#include <expected>
#include <optional>

#include "vault/secret_row.h"

namespace klasboek::vault {

struct SecretRecord {
  Bytes key;
  /// nullopt: a removal.
  std::optional<Bytes> value;
};

/// REQUIRES: a shared kind; about shorter than 64 KiB.
SecretRecord record_of(const SecretRow& row);

enum class RecordFault : std::uint8_t {
  newer,        // of a format or kind that this program doesn't know: it must not be passed over
  not_a_record  // of no klasboek at all
};
std::expected<SecretRow, RecordFault> row_of(ByteSpan key, std::optional<ByteSpan> value);

}  // namespace klasboek::vault
