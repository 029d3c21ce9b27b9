#pragma once
// The machine's disk, as RocksDB reads it: a table is refused by name where RocksDB would believe
// damaged bytes before it has looked at a checksum. It keeps none of a table's footer, and looks at
// the end of the block of properties first: it then asks for memory that no machine has, or ends
// the program in an assertion.
#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace klasboek::log::rocks {

/// Bytes of a footer, which is the end of a table (format versions 1 to 5).
inline constexpr std::uint64_t kTableFooterBytes = 53;

/// What is wrong with the footer of a table of so many bytes; empty: nothing, or it isn't one at
/// all, which RocksDB refuses by itself and by name. REQUIRES: footer.size() == kTableFooterBytes
/// and file_bytes is not less.
std::string footer_damage(std::string_view footer, std::uint64_t file_bytes);

/// One for the whole program. Such a table can't be opened on it: Corruption, which names the file
/// and the offset.
rocksdb::Env* machine_with_checked_tables();

/// The name of the first table in a directory that can't be opened; nullopt: all can. For a
/// database that was refused, of which RocksDB doesn't always say by which file.
std::optional<std::string> first_damaged_table(const std::filesystem::path& directory);

}  // namespace klasboek::log::rocks
