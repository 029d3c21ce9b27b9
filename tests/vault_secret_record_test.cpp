#include "vault/secret_record.h"

#include <catch2/catch.hpp>

namespace klasboek::tests {
namespace {

using vault::Bytes;
using vault::RecordFault;
using vault::RowKind;
using vault::SecretRow;

auto row_of(const vault::SecretRecord& record) {
  return vault::row_of(record.key,
                       record.value ? std::optional<vault::ByteSpan>(*record.value) : std::nullopt);
}

}  // namespace

TEST_CASE("a row comes out of its record as it went in") {
  for (const RowKind kind : vault::kRowKinds) {
    if (!vault::is_shared(kind)) continue;
    for (const SecretRow& row :
         {SecretRow{kind, {1, 2}, {3, 4, 5}, {6, 7}}, SecretRow{kind, {1}, {}, {6}},
          SecretRow{kind, {1, 2}, {}, {}}, SecretRow{kind, {1}, Bytes(300, 9), {6}}}) {
      CHECK(row_of(vault::record_of(row)) == row);
    }
  }
}

TEST_CASE("the record's layout is fixed") {
  const auto record = vault::record_of({RowKind::login, {0xAA}, {0xBB, 0xCC}, {0xDD}});
  CHECK(record.key == Bytes{4, 0xAA});
  CHECK(record.value == Bytes{1, 0, 2, 0xBB, 0xCC, 0xDD});
  CHECK_FALSE(vault::record_of(vault::removal_of(RowKind::login, {0xAA})).value.has_value());
}

TEST_CASE("a record of a newer klasboek is never passed over, one of no klasboek is") {
  const auto fault = [](Bytes key, std::optional<Bytes> value) {
    return row_of({std::move(key), std::move(value)}).error();
  };
  CHECK(fault({31, 1}, Bytes{1, 0, 0, 5}) == RecordFault::newer);         // a kind to come
  CHECK(fault({4, 1}, Bytes{2, 0, 0, 5}) == RecordFault::newer);          // a format to come
  CHECK(fault({}, Bytes{1, 0, 0, 5}) == RecordFault::not_a_record);       // no key
  CHECK(fault({4}, Bytes{1, 0, 0, 5}) == RecordFault::not_a_record);      // no row's key
  CHECK(fault({35, 1}, Bytes{1, 0, 0, 5}) == RecordFault::not_a_record);  // a node's own kind
  CHECK(fault({200, 1}, Bytes{1, 0, 0, 5}) == RecordFault::not_a_record);
  CHECK(fault({4, 1}, Bytes{}) == RecordFault::not_a_record);
  CHECK(fault({4, 1}, Bytes{0, 0, 0, 5}) == RecordFault::not_a_record);
  CHECK(fault({4, 1}, Bytes{1, 0}) == RecordFault::not_a_record);
  CHECK(fault({4, 1}, Bytes{1, 0, 0}) == RecordFault::not_a_record);  // nothing wrapped
  CHECK(fault({4, 1}, Bytes{1, 0xFF, 0xFF, 5}) == RecordFault::not_a_record);
}

}  // namespace klasboek::tests
