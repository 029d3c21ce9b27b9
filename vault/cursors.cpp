#include "vault/cursors.h"

#include "vault/layout.h"

namespace klasboek::vault {

namespace {

Bytes key_of(const CursorName& name) {
  Bytes key;
  LayoutWriter(key)
      .uuid(name.log)
      .number(name.partition)
      .bytes({reinterpret_cast<const std::uint8_t*>(name.follower.data()), name.follower.size()});
  return key;
}

}  // namespace

Cursors::Cursors(SecretStore& store, const Wrapping& wrapping)
    : store_(store), wrapping_(wrapping) {}

std::expected<std::optional<std::uint64_t>, VaultFault> Cursors::next_position(
    const CursorName& name) {
  const auto stored = store_.get(RowKind::cursor, key_of(name));
  if (!stored) return std::unexpected(stored.error());
  const auto& row = *stored;
  if (!row) return std::nullopt;
  const auto value = wrapping_.open(*row);
  if (!value) return std::unexpected(VaultFault::damaged);
  LayoutReader reader(value->span());
  const auto position = reader.number();
  if (!reader.is_whole()) return std::unexpected(VaultFault::damaged);
  return position;
}

std::expected<void, VaultFault> Cursors::set(const CursorName& name, std::uint64_t next_position) {
  Bytes value;
  LayoutWriter(value).number(next_position);
  const SecretRow row = wrapping_.row(RowKind::cursor, key_of(name), {}, value);
  return store_.write({&row, 1});
}

}  // namespace klasboek::vault
