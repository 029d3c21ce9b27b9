#include "vault/lookup.h"

#include <algorithm>
#include <array>

#include "vault/email.h"
#include "vault/keyed_hash.h"
#include "vault/layout.h"

namespace klasboek::vault {

namespace {

constexpr std::size_t kClaimIdBytes = 16;

events::Uuid claimed_id(const SecretRow& row) { return LayoutReader(row.key).uuid(); }

}  // namespace

Lookup::Lookup(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
               const events::KeyBytes& lookup_key)
    : store_(store), writer_(writer), wrapping_(wrapping), lookup_key_(lookup_key) {}

Bytes Lookup::hash_of(const events::SchoolId& school, LookupKind kind,
                      std::string_view value) const {
  std::string compared(value);
  if (kind == LookupKind::email) compared = normalise_email(value).value_or(compared);
  const std::array<std::uint8_t, 1> number = {static_cast<std::uint8_t>(kind)};
  const events::Hash hash = keyed_hash(
      lookup_key_, "lookup", {events::to_bytes(school.value), number, bytes_of(compared)});
  sodium_memzero(compared.data(), compared.size());
  return {hash.begin(), hash.end()};
}

std::expected<std::optional<events::Uuid>, VaultFault> Lookup::standing(const Bytes& hash) {
  const auto rows = store_.with_about(RowKind::claim, hash);
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  if (!wrapping_.open(rows->front())) return std::unexpected(VaultFault::damaged);
  return claimed_id(rows->front());
}

std::expected<std::optional<events::Uuid>, VaultFault> Lookup::find(const events::SchoolId& school,
                                                                    LookupKind kind,
                                                                    std::string_view value) {
  return standing(hash_of(school, kind, value));
}

std::expected<std::vector<events::Uuid>, VaultFault> Lookup::claim(
    const events::SchoolId& school, std::span<const LookupClaim> claims) {
  // Only what nobody claimed is written: a claim that is written twice could be compacted in the
  // topic to after a later one.
  std::vector<std::optional<events::Uuid>> ids(claims.size());
  std::vector<Bytes> hashes;
  std::vector<SecretRow> rows;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    hashes.push_back(hash_of(school, claims[i].kind, claims[i].value));
    const auto already = standing(hashes[i]);
    if (!already) return std::unexpected(already.error());
    ids[i] = *already;
    if (ids[i]) continue;
    Bytes key = bytes_of_uuid(claims[i].id);
    LayoutWriter(key).bytes(draw<kClaimIdBytes>(wrapping_.random()));
    rows.push_back(wrapping_.row(RowKind::claim, std::move(key), hashes[i], {}));
  }
  if (!rows.empty()) {
    if (const auto written = writer_.write(rows); !written) {
      return std::unexpected(written.error());
    }
  }

  std::vector<SecretRow> beaten;
  auto row = rows.begin();
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (ids[i]) continue;
    const auto winner = standing(hashes[i]);
    if (!winner) return std::unexpected(winner.error());
    if (!*winner) return std::unexpected(VaultFault::busy);  // forgotten this very moment
    ids[i] = *winner;
    const auto own = store_.get(RowKind::claim, row->key);
    if (!own) return std::unexpected(own.error());
    if (!*own) beaten.push_back(removal_of(RowKind::claim, row->key));
    ++row;
  }
  if (!beaten.empty()) {
    if (const auto removed = writer_.write(beaten); !removed) {
      return std::unexpected(removed.error());
    }
  }
  std::vector<events::Uuid> standing_ids;
  standing_ids.reserve(ids.size());
  for (const auto& id : ids) standing_ids.push_back(*id);
  return standing_ids;
}

std::expected<bool, VaultFault> Lookup::is_known(const events::Uuid& id) {
  const auto rows = store_.with_key_prefix(RowKind::claim, bytes_of_uuid(id));
  if (!rows) return std::unexpected(rows.error());
  return !rows->empty();
}

events::Hash Lookup::digest(const events::SchoolId& school,
                            std::span<const std::string_view> parts) const {
  events::Hash all = keyed_hash(lookup_key_, "digest", {events::to_bytes(school.value)});
  for (const std::string_view part : parts) {
    all = keyed_hash(lookup_key_, "digest", {all, bytes_of(part)});
  }
  return all;
}

template <class FindRows>
std::expected<void, VaultFault> Lookup::forget_where(FindRows find_rows) {
  std::vector<SecretRow> removals;
  for (const RowKind kind : {RowKind::claim, RowKind::void_claim}) {
    const std::expected<std::vector<SecretRow>, VaultFault> rows = find_rows(kind);
    if (!rows) return std::unexpected(rows.error());
    for (const SecretRow& row : *rows) removals.push_back(removal_of(RowKind::claim, row.key));
  }
  if (!removals.empty()) {
    if (const auto written = writer_.write(removals); !written) return written;
  }
  return store_.scrub();
}

std::expected<void, VaultFault> Lookup::forget(const events::Uuid& id) {
  const Bytes prefix = bytes_of_uuid(id);
  return forget_where([&](RowKind kind) { return store_.with_key_prefix(kind, prefix); });
}

std::expected<void, VaultFault> Lookup::forget(const events::SchoolId& school, LookupKind kind,
                                               std::string_view value) {
  const Bytes hash = hash_of(school, kind, value);
  return forget_where([&](RowKind row_kind) { return store_.with_about(row_kind, hash); });
}

}  // namespace klasboek::vault
