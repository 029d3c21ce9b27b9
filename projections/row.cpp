#include "projections/row.h"

#include <algorithm>
#include <cstring>

namespace klasboek::projections {

namespace {

template <class Number>
void append_be(std::string& bytes, Number value) {
  for (int i = sizeof(Number) - 1; i >= 0; --i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
}

std::uint64_t read_be(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<std::uint8_t>(byte);
  return value;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::uint8_t> as_bytes(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

std::optional<SealedText> sealed_text(const std::unique_ptr<events::Sealed>& sealed,
                                      const events::RecordedEvent& event) {
  if (!sealed) return std::nullopt;
  return SealedText{event.command, *sealed};
}

RowWriter& RowWriter::u8(std::uint8_t value) {
  append_be(bytes_, value);
  return *this;
}
RowWriter& RowWriter::u16(std::uint16_t value) {
  append_be(bytes_, value);
  return *this;
}
RowWriter& RowWriter::u32(std::uint32_t value) {
  append_be(bytes_, value);
  return *this;
}
RowWriter& RowWriter::u64(std::uint64_t value) {
  append_be(bytes_, value);
  return *this;
}
RowWriter& RowWriter::optional_day(const std::optional<events::Day>& value) {
  boolean(value.has_value());
  return value ? day(*value) : *this;
}
RowWriter& RowWriter::uuid(const events::Uuid& value) { return u64(value.hi).u64(value.lo); }
RowWriter& RowWriter::text(std::string_view value) {
  u32(static_cast<std::uint32_t>(value.size()));
  bytes_.append(value);
  return *this;
}
RowWriter& RowWriter::sealed(const std::optional<SealedText>& value) {
  boolean(value.has_value());
  if (!value) return *this;
  return text(as_text(value->command))
      .id(value->sealed.key)
      .u16(value->sealed.slot)
      .text(as_text(value->sealed.nonce))
      .text(as_text(value->sealed.ciphertext));
}
RowWriter& RowWriter::actor(const events::Actor& value) {
  return id(value.account).one_of(value.role).id(value.on_behalf_of);
}

std::string_view RowReader::take(std::size_t bytes) {
  if (bytes > rest_.size()) throw RowDamaged("a row of a view is cut short");
  const auto taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}
std::uint8_t RowReader::u8() { return static_cast<std::uint8_t>(read_be(take(1))); }
std::uint16_t RowReader::u16() { return static_cast<std::uint16_t>(read_be(take(2))); }
std::uint32_t RowReader::u32() { return static_cast<std::uint32_t>(read_be(take(4))); }
std::uint64_t RowReader::u64() { return read_be(take(8)); }
std::optional<events::Day> RowReader::optional_day() {
  if (!boolean()) return std::nullopt;
  return day();
}
events::Uuid RowReader::uuid() {
  const auto hi = u64();
  return {hi, u64()};
}
std::string RowReader::text() { return std::string(take(u32())); }
std::optional<SealedText> RowReader::sealed() {
  if (!boolean()) return std::nullopt;
  SealedText value;
  const auto command = text();
  if (command.size() != value.command.size()) throw RowDamaged("a sealed text has another command");
  std::ranges::copy(as_bytes(command), value.command.begin());
  value.sealed.key = id<events::KeyId>();
  value.sealed.slot = u16();
  value.sealed.nonce = as_bytes(text());
  value.sealed.ciphertext = as_bytes(text());
  return value;
}
events::Actor RowReader::actor() {
  events::Actor value;
  value.account = id<events::AccountId>();
  value.role = one_of<events::Role>();
  value.on_behalf_of = id<events::AccountId>();
  return value;
}

}  // namespace klasboek::projections
