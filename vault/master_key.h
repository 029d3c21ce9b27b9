#pragma once
// Where the master key comes from: a file outside the directories that are backed up, an
// environment variable, or a file descriptor; never the command line. It is 32 bytes, raw or as 64
// hexadecimal digits, with or without a line end.
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include "vault/random.h"
#include "vault/wrapping.h"

namespace klasboek::vault {

enum class MasterKeyFault : std::uint8_t {
  inside_data_directory,  // a backup of the data would hold its key
  already_there,
  not_found,
  readable_by_others,
  not_a_key,
  not_permitted,
  disk_full
};
std::string_view name_of(MasterKeyFault fault);

struct MasterKeyError {
  MasterKeyFault fault = MasterKeyFault::not_a_key;
  /// What is wrong with what, and what to do. Never a byte of the key.
  std::string explanation;
};

/// Makes a new key and its file (mode 600, hexadecimal), synced.
std::expected<MasterKey, MasterKeyError> create_master_key(
    const std::filesystem::path& file, const std::filesystem::path& data_directory,
    const Random& random);

/// The same with a key that there is.
std::expected<void, MasterKeyError> write_master_key(const MasterKey& master,
                                                     const std::filesystem::path& file,
                                                     const std::filesystem::path& data_directory);

/// Reads a file that only its owner can read.
std::expected<MasterKey, MasterKeyError> read_master_key(
    const std::filesystem::path& file, const std::filesystem::path& data_directory);

/// Reads an environment variable and takes it out of the environment.
/// REQUIRES: no other thread reads the environment meanwhile.
std::expected<MasterKey, MasterKeyError> take_master_key_from_environment(const std::string& name);

/// Reads a descriptor to its end and closes it.
std::expected<MasterKey, MasterKeyError> read_master_key_from_descriptor(int descriptor);

/// From wherever the source says: `env:NAME`, `fd:NUMBER`, else the path of a file. A variable or
/// descriptor gives it once. Never the key itself: sources stand on command lines.
std::expected<MasterKey, MasterKeyError> load_master_key(
    const std::string& source, const std::filesystem::path& data_directory);
/// Whether the source is a file, which can be made, and changed by a rotation.
bool is_file(const std::string& source);

/// Beside the master key's file: the one that it is to be changed to, and the one before it, which
/// opens older backups of the vault.
std::filesystem::path next_master_key_file(const std::filesystem::path& file);
std::filesystem::path previous_master_key_file(const std::filesystem::path& file);

/// The value that a vault keeps to know its master key, as people compare it: 16 hexadecimal
/// digits, which say nothing about the key.
std::string check_value(const MasterKey& master);
std::string check_value(const MasterKeyId& id);

}  // namespace klasboek::vault
