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
  const ByteSpan bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const std::array rows = {
      wrapping_.row(RowKind::transit_key, key, {}, own_key.span()),
      wrapping_by(own_key.span(), wrapping_.random()).row(RowKind::transit_text, key, {}, bytes)};
  return store_.write(rows);
}

std::expected<std::optional<std::string>, VaultFault> Transit::take(TransitKind kind,
                                                                    const events::Uuid& id) {
  const Bytes key = key_of(kind, id);
  const auto key_row = store_.get(RowKind::transit_key, key);
  if (!key_row) return std::unexpected(key_row.error());
  const auto text_row = store_.get(RowKind::transit_text, key);
  if (!text_row) return std::unexpected(text_row.error());
  if (!*key_row || !*text_row) return std::nullopt;
  const auto own_key = wrapping_.open(**key_row);
  if (!own_key || own_key->size() != 32) return std::unexpected(VaultFault::damaged);
  const auto text = wrapping_by(own_key->span(), wrapping_.random()).open(**text_row);
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
