#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "vault/vault.h"

namespace klasboek::tests {

// Random bytes that are the same in every run with this seed. Thread-safe.
vault::Random seeded_random(std::uint64_t seed);

// The same for the same number, another for another.
vault::MasterKey master_key(std::uint8_t number = 1);

// A directory for one vault, opened, closed and opened again. Every opening draws other randomness.
class VaultDirectory {
 public:
  // Throws with the explanation where it can't be opened.
  std::unique_ptr<vault::Vault> open();

  vault::VaultPlace place(std::uint8_t master = 1, vault::Access access = vault::Access::write);
  const std::filesystem::path& path() const { return directory_.path(); }
  std::filesystem::path file() const { return path() / "vault.sqlite"; }

  // The bytes of every file in it, one after the other.
  std::string all_bytes() const;

 private:
  TemporaryDirectory directory_;
  std::uint64_t openings_ = 0;
};

// What is left of everything a vault may have kept: whether any file holds this text, also as
// UTF-16, hexadecimal or base64 (at any of its three offsets).
bool holds_text(std::string_view bytes, std::string_view text);

}  // namespace klasboek::tests
