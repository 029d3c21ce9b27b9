#pragma once
// Changing the master key of a running node: when a next one is laid beside it, everything in the
// vault is wrapped anew with that one. Who laid it there (`klasboek key rotate`) sees in the vault
// when it is done, and changes the names of the files.
#include <filesystem>
#include <optional>
#include <stop_token>

#include "vault/vault.h"

namespace klasboek::reactions {

/// One thread.
class MasterKeyRotation {
 public:
  /// file: of the present master key. REQUIRES: the vault outlives it.
  MasterKeyRotation(vault::Vault& vault, std::filesystem::path file,
                    std::filesystem::path data_directory);
  /// Takes up a next master key, or goes on with it; ends early, with all of it safe, when asked to
  /// stop.
  void round(const std::stop_token& stop = {});

 private:
  vault::Vault& vault_;
  std::filesystem::path file_;
  std::filesystem::path data_directory_;
  /// The last one that was said something about.
  std::optional<vault::MasterKeyId> said_;
};

}  // namespace klasboek::reactions
