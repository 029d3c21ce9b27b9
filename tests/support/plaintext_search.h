#pragma once
// Whether any file holds a text that must not be readable on disk: as it is, as UTF-16 of either
// order, as hexadecimal or base64 (at any of its three offsets, of either alphabet), in capitals or
// not. All of a file's bytes are looked at, so also free pages of SQLite and write-ahead logs; of
// RocksDB's tables (*.sst) the blocks are decompressed first.
#include <filesystem>
#include <string>
#include <vector>

namespace klasboek::tests {

/// A text that stands somewhere.
struct PlaintextFound {
  std::filesystem::path file;
  std::string text;
  /// `utf-8`, `utf-16`, `hexadecimal`, `base64`
  std::string form;
};

/// Shorter ones, and shorter forms, stand in random bytes by chance: they aren't looked for.
inline constexpr std::size_t kTellingBytes = 6;

/// Searches every file under the roots, each text once per file. Throws where a file can't be read.
std::vector<PlaintextFound> search_plaintext(const std::vector<std::filesystem::path>& roots,
                                             const std::vector<std::string>& texts);

}  // namespace klasboek::tests
