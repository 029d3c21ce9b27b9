#include "vault/password.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vault/layout.h"
#include "vault/leaked_passwords.h"

namespace klasboek::vault {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSaltBytes = crypto_pwhash_SALTBYTES;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kKib = 1024;
/// Of a stored cost that is read back: more is damage, not a cost.
constexpr std::uint64_t kPassesMax = 16;
constexpr std::uint64_t kMemoryKibMax = 256 * 1024;

struct Cost {
  std::uint64_t passes = kHashPasses;
  std::uint64_t memory_kib = kHashMemoryKib;
  bool operator==(const Cost&) const = default;
};
using Salt = std::array<std::uint8_t, kSaltBytes>;

struct StoredHash {
  Cost cost;
  Salt salt{};
  std::array<std::uint8_t, kHashBytes> hash{};
};

std::optional<StoredHash> parse(ByteSpan bytes) {
  LayoutReader reader(bytes);
  const std::uint8_t format = reader.byte();
  StoredHash stored;
  stored.cost.passes = reader.number();
  stored.cost.memory_kib = reader.number();
  stored.salt = reader.bytes<kSaltBytes>();
  stored.hash = reader.bytes<kHashBytes>();
  if (format != kFormat || !reader.is_whole()) return std::nullopt;
  if (stored.cost.passes < 1 || stored.cost.passes > kPassesMax) return std::nullopt;
  if (stored.cost.memory_kib < 8 || stored.cost.memory_kib > kMemoryKibMax) return std::nullopt;
  return stored;
}

bool argon2id(std::string_view password, const Cost& cost, const Salt& salt,
              std::span<std::uint8_t> out) {
  return crypto_pwhash(out.data(), out.size(), password.data(), password.size(), salt.data(),
                       cost.passes, cost.memory_kib * kKib, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

/// The length of the character that starts here, 0 where it isn't UTF-8 (no overlong forms, no
/// surrogates, nothing above U+10FFFF).
std::size_t character_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

PasswordFault check_new_password(std::string_view password) {
  std::size_t characters = 0;
  for (std::string_view rest = password; !rest.empty(); ++characters) {
    const std::size_t size = character_bytes(rest);
    if (size == 0 || is_control(rest.front())) return PasswordFault::not_text;
    rest.remove_prefix(size);
    if (characters == kPasswordCharactersMax) return PasswordFault::too_long;
  }
  if (characters < kPasswordCharactersMin) return PasswordFault::too_short;
  return is_leaked(password) ? PasswordFault::leaked : PasswordFault::none;
}

/// One computation's place; there may be none.
class PasswordHashing::Turn {
 public:
  explicit Turn(PasswordHashing& hashing) : hashing_(hashing) {
    std::unique_lock lock(hashing_.mutex_);
    if (hashing_.running_ == kAtOnceMax && hashing_.waiting_ == kWaitingMax) return;
    ++hashing_.waiting_;
    hashing_.turn_over_.wait(lock, [&] { return hashing_.running_ < kAtOnceMax; });
    --hashing_.waiting_;
    ++hashing_.running_;
    is_mine_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!is_mine_) return;
    {
      const std::lock_guard lock(hashing_.mutex_);
      --hashing_.running_;
    }
    hashing_.turn_over_.notify_one();
  }
  [[nodiscard]] bool is_mine() const { return is_mine_; }

 private:
  PasswordHashing& hashing_;
  bool is_mine_ = false;
};

PasswordHashing::PasswordHashing(Random random) : random_(std::move(random)) {}

std::optional<SecretBytes> PasswordHashing::hash(std::string_view password) {
  const Turn turn(*this);
  if (!turn.is_mine()) return std::nullopt;
  StoredHash made;
  made.salt = draw<kSaltBytes>(random_);
  computed_.fetch_add(1);
  if (!argon2id(password, made.cost, made.salt, made.hash)) return std::nullopt;
  Bytes bytes;
  LayoutWriter(bytes)
      .byte(kFormat)
      .number(made.cost.passes)
      .number(made.cost.memory_kib)
      .bytes(made.salt)
      .bytes(made.hash);
  SecretBytes hash{ByteSpan(bytes)};
  sodium_memzero(bytes.data(), bytes.size());
  return hash;
}

PasswordHashing::Verdict PasswordHashing::verify(std::string_view password,
                                                 std::optional<ByteSpan> hash) {
  const Turn turn(*this);
  if (!turn.is_mine()) return Verdict::overloaded;
  const auto stored = hash ? parse(*hash) : std::nullopt;
  // Nobody's hash: no password of anybody comes out as 32 zero bytes.
  const StoredHash compared = stored.value_or(StoredHash{});
  std::array<std::uint8_t, kHashBytes> computed{};
  computed_.fetch_add(1);
  if (!argon2id(password, compared.cost, compared.salt, computed)) return Verdict::overloaded;
  const bool is_same = sodium_memcmp(computed.data(), compared.hash.data(), kHashBytes) == 0;
  sodium_memzero(computed.data(), computed.size());
  if (!stored || !is_same) return Verdict::wrong;
  return stored->cost == Cost{} ? Verdict::right : Verdict::right_but_cheap;
}

}  // namespace klasboek::vault
