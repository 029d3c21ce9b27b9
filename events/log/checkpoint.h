#pragma once
// A checkpoint says how large a school's log is and what its tree's root is, signed: C2SP
// tlog-checkpoint (origin, size, root, no extension lines) inside a C2SP signed-note with Ed25519.
//
//   klasboek.example/scholen/de-linde
//   4711
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//
//   — klasboek.example/scholen/de-linde Az3grlgtzPICa5OS8npVmf1Myq/…
//
// Keys are passed in and never kept. Functions have no state and may be called from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "events/log/transparency_tree.h"

namespace klasboek::log {

struct Checkpoint {
  /// Which log, in which generation. Any UTF-8 line without control characters; better a URL
  /// without its scheme, and without spaces.
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

inline constexpr std::size_t kSigningSeedSizeBytes = 32;
inline constexpr std::size_t kPublicKeySizeBytes = 32;
using PublicKey = std::array<std::uint8_t, kPublicKeySizeBytes>;

/// The public half, as an auditor holds it.
struct VerifierKey {
  /// Printable ASCII without spaces and plus signs.
  std::string name;
  PublicKey public_key{};

  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};

enum class CheckpointError : std::uint8_t {
  key_name_is_invalid,
  key_text_is_malformed,
  key_id_differs,
  origin_is_invalid,
  note_is_too_long,
  note_is_malformed,
  signature_is_missing,
  signature_is_wrong,
  checkpoint_is_malformed,
  checkpoint_has_extensions,
  origin_differs,
};

/// What is wrong and what to do, in one line.
std::string_view describe(CheckpointError error);

/// The secret half: a name and an Ed25519 key. The key's memory is wiped at the end.
class CheckpointSigner {
 public:
  /// The key that RFC 8032 derives from these 32 secret bytes.
  static std::expected<CheckpointSigner, CheckpointError> from_seed(
      std::string name, std::span<const std::uint8_t, kSigningSeedSizeBytes> seed);

  CheckpointSigner(CheckpointSigner&& other) noexcept;
  CheckpointSigner& operator=(CheckpointSigner&& other) noexcept;
  CheckpointSigner(const CheckpointSigner&) = delete;
  CheckpointSigner& operator=(const CheckpointSigner&) = delete;
  ~CheckpointSigner();

  const VerifierKey& verifier() const { return verifier_; }

 private:
  friend std::expected<std::string, CheckpointError> sign_checkpoint(
      const Checkpoint& checkpoint, const CheckpointSigner& signer);

  explicit CheckpointSigner(std::string name) : verifier_{std::move(name), {}} {}

  VerifierKey verifier_;
  std::array<std::uint8_t, kSigningSeedSizeBytes + kPublicKeySizeBytes> secret_key_{};
};

/// Which key signed, in short: the first four bytes of SHA-256(name || "\n" || 0x01 || public key).
std::array<std::uint8_t, 4> key_id(const VerifierKey& key);

/// A verifier key on one line, as golang.org/x/mod/sumdb/note and others take it:
/// "<name>+<key id in hex>+<base64(0x01 || public key)>".
std::string encode_verifier_key(const VerifierKey& key);
std::expected<VerifierKey, CheckpointError> parse_verifier_key(std::string_view text);

/// The signed note. Errors: origin_is_invalid.
std::expected<std::string, CheckpointError> sign_checkpoint(const Checkpoint& checkpoint,
                                                            const CheckpointSigner& signer);

/// Enough for the sixteen signatures that every verifier must accept, at 5 kB each.
inline constexpr std::size_t kNoteSizeBytesMax = std::size_t{256} * 1024;

/// The checkpoint in a note, if `key` signed it and it is of the log with this origin. Signatures
/// by other keys (witnesses) are ignored; one by `key` that doesn't verify refuses the whole note.
std::expected<Checkpoint, CheckpointError> parse_and_verify(std::string_view note,
                                                            const VerifierKey& key,
                                                            std::string_view origin);

}  // namespace klasboek::log
