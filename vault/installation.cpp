#include "vault/installation.h"

#include <algorithm>
#include <array>

namespace klasboek::vault {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kRowIdBytes = 16;

std::expected<std::optional<SecretRow>, VaultFault> standing(SecretStore& store) {
  const auto rows = store.with_key_prefix(RowKind::installation, {});
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return rows->front();
}

/// The order of the keys in the row; they are never reordered.
std::array<events::KeyBytes*, 4> keys_of(InstallationSecrets& secrets) {
  return {&secrets.pepper, &secrets.lookup_key, &secrets.session_key, &secrets.signing_seed};
}

SecretRow make_row(const Wrapping& wrapping) {
  SecretBytes value(4 * kKeyBytes);
  wrapping.random()(value.writable());
  const auto id = draw<kRowIdBytes>(wrapping.random());
  return wrapping.row(RowKind::installation, Bytes(id.begin(), id.end()), {}, value.span());
}

std::expected<InstallationSecrets, VaultFault> open_row(const Wrapping& wrapping,
                                                        const SecretRow& row) {
  const auto value = wrapping.open(row);
  if (!value || value->size() != 4 * kKeyBytes) return std::unexpected(VaultFault::damaged);
  InstallationSecrets secrets;
  ByteSpan rest = value->span();
  for (events::KeyBytes* key : keys_of(secrets)) {
    std::ranges::copy(rest.first(kKeyBytes), key->writable().begin());
    rest = rest.subspan(kKeyBytes);
  }
  return secrets;
}

}  // namespace

std::expected<InstallationSecrets, VaultFault> load_or_make_installation(SecretStore& store,
                                                                         SecretWriter& writer,
                                                                         const Wrapping& wrapping) {
  auto row = standing(store);
  if (!row) return std::unexpected(row.error());
  if (!*row) {
    const SecretRow made = make_row(wrapping);
    if (const auto written = writer.write({&made, 1}); !written) {
      return std::unexpected(written.error());
    }
    row = standing(store);
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::unexpected(VaultFault::damaged);
    if ((*row)->key != made.key) {
      // Another node was first. Its row stands; ours must not be all that is left after compaction.
      const SecretRow removal = removal_of(RowKind::installation, made.key);
      if (const auto removed = writer.write({&removal, 1}); !removed) {
        return std::unexpected(removed.error());
      }
    }
  }
  return open_row(wrapping, **row);
}

}  // namespace klasboek::vault
