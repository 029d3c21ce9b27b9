#pragma once
// Says where a write-ahead log is damaged: RocksDB refuses it with "checksum mismatch" alone. Only
// the ledger includes this.
#include <filesystem>
#include <optional>
#include <string>

namespace klasboek::log {

/// The first record, in the write-ahead logs and manifests of this directory, that isn't what
/// RocksDB wrote: "FILE at offset N", in bytes from the beginning of the file to that of the
/// record. nullopt: there is none. Reads all of these files, so it is for a database that was
/// refused.
std::optional<std::string> first_wal_damage(const std::filesystem::path& directory);

}  // namespace klasboek::log
