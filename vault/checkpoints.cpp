#include "vault/checkpoints.h"

#include <utility>

#include "vault/layout.h"

namespace klasboek::vault {

Checkpoints::Checkpoints(SecretStore& store, const Wrapping& wrapping)
    : store_(store), wrapping_(wrapping) {}

std::expected<std::optional<SignedCheckpoint>, VaultFault> Checkpoints::last(
    const events::SchoolId& school) {
  const auto row = store_.get(RowKind::checkpoint, bytes_of_uuid(school.value));
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto value = wrapping_.open(**row);
  if (!value) return std::unexpected(VaultFault::damaged);
  LayoutReader reader(value->span());
  SignedCheckpoint checkpoint;
  checkpoint.generation = reader.number();
  checkpoint.size = reader.number();
  checkpoint.root = reader.bytes<std::tuple_size_v<events::Hash>>();
  if (!reader.is_whole()) return std::unexpected(VaultFault::damaged);
  return checkpoint;
}

std::expected<void, CheckpointFault> Checkpoints::record(const events::SchoolId& school,
                                                         const SignedCheckpoint& checkpoint) {
  const std::lock_guard lock(mutex_);
  const auto before = last(school);
  if (!before) return std::unexpected(CheckpointFault::unavailable);
  if (*before) {
    const auto progress = [](const SignedCheckpoint& one) {
      return std::pair(one.generation, one.size);
    };
    if (progress(checkpoint) < progress(**before)) {
      return std::unexpected(CheckpointFault::behind);
    }
    if (progress(checkpoint) == progress(**before)) {
      if (checkpoint.root != (*before)->root) return std::unexpected(CheckpointFault::forked);
      return {};
    }
  }
  Bytes value;
  LayoutWriter(value).number(checkpoint.generation).number(checkpoint.size).bytes(checkpoint.root);
  const SecretRow row = wrapping_.row(RowKind::checkpoint, bytes_of_uuid(school.value), {}, value);
  if (!store_.write({&row, 1})) return std::unexpected(CheckpointFault::unavailable);
  return {};
}

}  // namespace klasboek::vault
