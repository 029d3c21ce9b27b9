#include "tests/support/vault_place.h"

#include <sodium.h>

#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <stdexcept>

namespace klasboek::tests {

namespace {

struct Generator {
  std::mutex mutex;
  std::mt19937_64 engine;
};

std::string read_whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string as_utf16(std::string_view text) {
  std::string wide;
  for (const char c : text) wide.append({c, '\0'});
  return wide;
}

std::string as_hex(std::string_view text) {
  return events::to_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

// The characters that stand for `text` wherever it begins `offset` bytes into a group of three.
std::string as_base64(std::string_view text, std::size_t offset) {
  const std::string shifted = std::string(offset, 'x') + std::string(text);
  std::string encoded(sodium_base64_ENCODED_LEN(shifted.size(), sodium_base64_VARIANT_ORIGINAL),
                      '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(shifted.data()), shifted.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  const std::size_t first = offset == 0 ? 0 : offset + 1;
  const std::size_t last = shifted.size() / 3 * 4;
  return encoded.substr(first, last - first);
}

}  // namespace

vault::Random seeded_random(std::uint64_t seed) {
  auto generator = std::make_shared<Generator>();
  generator->engine.seed(seed);
  return [generator](std::span<std::uint8_t> bytes) {
    const std::lock_guard lock(generator->mutex);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(generator->engine());
  };
}

vault::MasterKey master_key(std::uint8_t number) {
  vault::MasterKey master;
  for (std::uint8_t& byte : master.bytes.writable()) byte = number;
  return master;
}

std::unique_ptr<vault::Vault> VaultDirectory::open() {
  auto opened = vault::Vault::open(place());
  if (!opened) throw std::runtime_error(opened.error().explanation);
  return std::move(*opened);
}

vault::VaultPlace VaultDirectory::place(std::uint8_t master, vault::Access access) {
  return {.directory = path(),
          .master = master_key(master),
          .random = seeded_random(++openings_),
          .access = access};
}

std::string VaultDirectory::all_bytes() const {
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
    if (entry.is_regular_file()) bytes += read_whole(entry.path());
  }
  return bytes;
}

bool holds_text(std::string_view bytes, std::string_view text) {
  for (const std::string& form : {std::string(text), as_utf16(text), as_hex(text),
                                  as_base64(text, 0), as_base64(text, 1), as_base64(text, 2)}) {
    if (bytes.contains(form)) return true;
  }
  return false;
}

}  // namespace klasboek::tests
