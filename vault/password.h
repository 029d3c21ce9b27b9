#pragma once
// Passwords: which are taken, and their Argon2id hashes.
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "vault/random.h"
#include "vault/secret_bytes.h"

namespace klasboek::vault {

/// In code points, counted as sent: the page sends NFC, so that one keyboard's é is another's.
inline constexpr std::size_t kPasswordCharactersMin = 10;
inline constexpr std::size_t kPasswordCharactersMax = 128;

enum class PasswordFault : std::uint8_t { none, too_short, too_long, not_text, leaked };
/// not_text: not UTF-8, or with a control character in it; leaked: in the list of what everybody
/// tries first (leaked_passwords.h).
PasswordFault check_new_password(std::string_view password);

/// Cost of a hash (OWASP's first recommendation for Argon2id): 19 MiB, two passes, one lane;
/// 11 ms.
inline constexpr std::uint32_t kHashPasses = 2;
inline constexpr std::uint32_t kHashMemoryKib = 19 * 1024;

/// A hash carries its cost, so that the cost may rise:
///    0   1  format, 1
///    1   8  passes
///    9   8  memory in KiB
///   17  16  salt
///   33  32  Argon2id of the password
/// Thread-safe. So many are computed at once and so many wait; who comes on top of that is told so.
class PasswordHashing {
 public:
  static constexpr int kAtOnceMax = 4;
  static constexpr int kWaitingMax = 32;

  explicit PasswordHashing(Random random);

  /// nullopt: too many at once, or no memory.
  std::optional<SecretBytes> hash(std::string_view password);

  enum class Verdict : std::uint8_t { right, right_but_cheap, wrong, overloaded };
  /// right_but_cheap: hash it anew, at today's cost.
  /// Takes as long for a hash that is damaged or nullopt (nobody's), which is never right.
  Verdict verify(std::string_view password, std::optional<ByteSpan> hash);

  /// Argon2id computations so far, of either kind.
  [[nodiscard]] std::uint64_t computed() const { return computed_.load(); }

 private:
  class Turn;

  Random random_;
  std::atomic<std::uint64_t> computed_{0};
  std::mutex mutex_;
  std::condition_variable turn_over_;
  int running_ = 0;
  int waiting_ = 0;
};

}  // namespace klasboek::vault
