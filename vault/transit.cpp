#include "vault/transit.h"

#include <algorithm>
#include <array>

#include "vault/layout.h"

namespace klasboek::vault {

namespace {

Bytes key_of(TransitKind kind, const events::Uuid& id) {
  Bytes key;
  LayoutWriter(key).byte(static_cast<std::uint8_t>(kind)).uuid(id);
  return key;
}

/// A text is wrapped as rows are, but with its own key in the master key's place.
Wrapping wrapping_by(ByteSpan own_key, const Random& random) {
  return {MasterKey{events::KeyBytes(own_key.first<32>())}, random};
}

ByteSpan bytes_of_text(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Transit::Transit(SecretStore& store, const Wrapping& wrapping)
    : store_(store), wrapping_(wrapping) {}

std::expected<void, VaultFault> Transit::put(TransitKind kind, const events::Uuid& id,
                                             std::string_view text) {
  const Bytes key = key_of(kind, id);
  const auto before = store_.get(RowKind::transit_key, key);
  if (!before) return std::unexpected(before.error());
  if (*before) return {};
  events::KeyBytes own_key;
  wrapping_.random()(own_key.writable());
  const std::array rows = {wrapping_.row(RowKind::transit_key, key, {}, own_key.span()),
                           wrapping_by(own_key.span(), wrapping_.random())
                               .row(RowKind::transit_text, key, {}, bytes_of_text(text))};
  return store_.write(rows);
}

std::expected<void, VaultFault> Transit::replace(TransitKind kind, const events::Uuid& id,
                                                 std::string_view text) {
  const Bytes key = key_of(kind, id);
  const auto found = own_wrapping(key);
  if (!found) return std::unexpected(found.error());
  const auto& own = *found;
  if (!own) return {};
  const SecretRow row = own->row(RowKind::transit_text, key, {}, bytes_of_text(text));
  return store_.write({&row, 1});
}

std::expected<std::optional<Wrapping>, VaultFault> Transit::own_wrapping(const Bytes& key) {
  const auto stored = store_.get(RowKind::transit_key, key);
  if (!stored) return std::unexpected(stored.error());
  const auto& row = *stored;
  if (!row) return std::nullopt;
  const auto own_key = wrapping_.open(*row);
  if (!own_key || own_key->size() != 32) return std::unexpected(VaultFault::damaged);
  return wrapping_by(own_key->span(), wrapping_.random());
}

std::expected<std::optional<std::string>, VaultFault> Transit::take(TransitKind kind,
                                                                    const events::Uuid& id) {
  const Bytes key = key_of(kind, id);
  const auto found_key = own_wrapping(key);
  if (!found_key) return std::unexpected(found_key.error());
  const auto stored = store_.get(RowKind::transit_text, key);
  if (!stored) return std::unexpected(stored.error());
  const auto& own = *found_key;
  const auto& row = *stored;
  if (!own || !row) return std::nullopt;
  const auto text = own->open(*row);
  if (!text) return std::unexpected(VaultFault::damaged);
  return std::string(reinterpret_cast<const char*>(text->span().data()), text->size());
}

std::expected<std::vector<events::Uuid>, VaultFault> Transit::list(TransitKind kind) {
  const std::array<std::uint8_t, 1> prefix = {static_cast<std::uint8_t>(kind)};
  const auto rows = store_.with_key_prefix(RowKind::transit_key, prefix);
  if (!rows) return std::unexpected(rows.error());
  std::vector<events::Uuid> ids;
  ids.reserve(rows->size());
  for (const SecretRow& row : *rows) {
    LayoutReader reader(row.key);
    reader.byte();
    ids.push_back(reader.uuid());
  }
  return ids;
}

std::expected<void, VaultFault> Transit::remove(TransitKind kind, const events::Uuid& id) {
  const Bytes key = key_of(kind, id);
  const std::array rows = {removal_of(RowKind::transit_key, key),
                           removal_of(RowKind::transit_text, key)};
  if (const auto written = store_.write(rows); !written) return written;
  return store_.scrub();
}

}  // namespace klasboek::vault
