#include "events/log/checkpoint.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign.h>
#include <sodium/utils.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace klasboek::log {

static_assert(crypto_sign_SEEDBYTES == kSigningSeedSizeBytes);
static_assert(crypto_sign_PUBLICKEYBYTES == kPublicKeySizeBytes);
static_assert(crypto_sign_SECRETKEYBYTES == kSigningSeedSizeBytes + kPublicKeySizeBytes);

namespace {

constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kKeyIdSizeBytes = 4;
constexpr std::string_view kSignatureStart = "\u2014 ";

using Bytes = std::vector<std::uint8_t>;

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // libsodium ends it with NUL
  return text;
}

// Strict: padded, without spaces, and unused bits are zero, so that a value has one spelling.
std::optional<Bytes> from_base64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

// Well-formed UTF-8 after table 3-7 of the Unicode standard: shortest form, no surrogates, nothing
// above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    if (lead < 0xC2 || lead > 0xF4) return false;
    const int following = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    unsigned char lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (int n = 0; n < following; ++n) {
      if (i == text.size()) return false;
      const auto byte = static_cast<unsigned char>(text[i++]);
      if (byte < lowest || byte > highest) return false;
      lowest = 0x80;
      highest = 0xBF;
    }
  }
  return true;
}

bool is_key_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

bool is_origin(std::string_view origin) {
  return !origin.empty() && std::ranges::none_of(origin, is_control) && is_utf8(origin);
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

// Cuts the first line off `text`, without its newline. REQUIRES: text holds a newline.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::expected<Checkpoint, CheckpointError> parse_text(std::string_view text) {
  if (std::ranges::count(text, '\n') < 3) {
    return std::unexpected(CheckpointError::checkpoint_is_malformed);
  }
  Checkpoint checkpoint;
  checkpoint.origin = take_line(text);
  const std::string_view size = take_line(text);
  const std::optional<Bytes> root = from_base64(take_line(text));

  const bool leading_zero = size.size() > 1 && size.front() == '0';
  const auto [end, fault] =
      std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  const bool is_number = fault == std::errc{} && end == size.data() + size.size();
  if (checkpoint.origin.empty() || !is_number || leading_zero || !root ||
      root->size() != kHashSizeBytes) {
    return std::unexpected(CheckpointError::checkpoint_is_malformed);
  }
  if (!text.empty()) return std::unexpected(CheckpointError::checkpoint_has_extensions);
  std::ranges::copy(*root, checkpoint.root.begin());
  return checkpoint;
}

struct SignatureLine {
  std::string_view name;
  Bytes id_and_signature;
};

std::optional<SignatureLine> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kSignatureStart)) return std::nullopt;
  line.remove_prefix(kSignatureStart.size());
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos) return std::nullopt;
  std::optional<Bytes> bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdSizeBytes) return std::nullopt;
  return SignatureLine{line.substr(0, space), *std::move(bytes)};
}

bool is_signature_of(const SignatureLine& line, const VerifierKey& key) {
  return line.name == key.name &&
         std::ranges::equal(std::span(line.id_and_signature).first(kKeyIdSizeBytes), key_id(key));
}

bool signature_holds(const SignatureLine& line, std::string_view text, const VerifierKey& key) {
  const auto signature = std::span(line.id_and_signature).subspan(kKeyIdSizeBytes);
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size(), key.public_key.data()) == 0;
}

std::expected<void, CheckpointError> check_signatures(std::string_view text,
                                                      std::string_view signatures,
                                                      const VerifierKey& key) {
  bool signed_by_key = false;
  while (!signatures.empty()) {
    const std::optional<SignatureLine> line = parse_signature_line(take_line(signatures));
    if (!line) return std::unexpected(CheckpointError::note_is_malformed);
    if (!is_signature_of(*line, key)) continue;
    if (!signature_holds(*line, text, key)) {
      return std::unexpected(CheckpointError::signature_is_wrong);
    }
    signed_by_key = true;
  }
  if (!signed_by_key) return std::unexpected(CheckpointError::signature_is_missing);
  return {};
}

}  // namespace

std::string_view describe(CheckpointError error) {
  switch (error) {
    case CheckpointError::key_name_is_invalid:
      return "a signing key's name must be printable ASCII without spaces and plus signs: choose "
             "another name";
    case CheckpointError::key_text_is_malformed:
      return "a verifier key reads <name>+<8 hex digits>+<base64>, and is an Ed25519 key: copy all "
             "of it, on one line";
    case CheckpointError::key_id_differs:
      return "the verifier key's id doesn't belong to its name and key: copy it again from where "
             "it was published";
    case CheckpointError::origin_is_invalid:
      return "a checkpoint's origin must be one line of UTF-8 that isn't empty: correct the "
             "origin in the settings";
    case CheckpointError::note_is_too_long:
      return "the signed note is longer than 256 KiB: this is not a checkpoint of ours";
    case CheckpointError::note_is_malformed:
      return "this is not a signed note (text, an empty line, signature lines): fetch the "
             "checkpoint again, unchanged to the last newline";
    case CheckpointError::signature_is_missing:
      return "the checkpoint isn't signed by the given key: check the key's name and id against "
             "the signature line";
    case CheckpointError::signature_is_wrong:
      return "the checkpoint's signature by the given key is wrong: the text was altered, don't "
             "trust it";
    case CheckpointError::checkpoint_is_malformed:
      return "the signed text is not a checkpoint (origin, size, root in base64, a line each): it "
             "was signed for another purpose";
    case CheckpointError::checkpoint_has_extensions:
      return "the checkpoint has lines after its root, which this log never writes: it was signed "
             "by another program";
    case CheckpointError::origin_differs:
      return "the checkpoint belongs to another log or an earlier generation of it: ask for the "
             "one with the expected origin";
  }
  return "unknown";
}

std::expected<CheckpointSigner, CheckpointError> CheckpointSigner::from_seed(
    std::string name, std::span<const std::uint8_t, kSigningSeedSizeBytes> seed) {
  if (!is_key_name(name)) return std::unexpected(CheckpointError::key_name_is_invalid);
  CheckpointSigner signer(std::move(name));
  crypto_sign_seed_keypair(signer.verifier_.public_key.data(), signer.secret_key_.data(),
                           seed.data());
  return signer;
}

CheckpointSigner::CheckpointSigner(CheckpointSigner&& other) noexcept
    : verifier_(std::move(other.verifier_)), secret_key_(other.secret_key_) {
  sodium_memzero(other.secret_key_.data(), other.secret_key_.size());
}

CheckpointSigner& CheckpointSigner::operator=(CheckpointSigner&& other) noexcept {
  if (this == &other) return *this;
  verifier_ = std::move(other.verifier_);
  secret_key_ = other.secret_key_;
  sodium_memzero(other.secret_key_.data(), other.secret_key_.size());
  return *this;
}

CheckpointSigner::~CheckpointSigner() { sodium_memzero(secret_key_.data(), secret_key_.size()); }

std::array<std::uint8_t, 4> key_id(const VerifierKey& key) {
  std::string message = key.name + "\n";
  message.push_back(static_cast<char>(kEd25519));
  message.append(key.public_key.begin(), key.public_key.end());
  Hash hash;
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(message.data()),
                     message.size());
  return {hash[0], hash[1], hash[2], hash[3]};
}

std::string encode_verifier_key(const VerifierKey& key) {
  Bytes typed_key = {kEd25519};
  typed_key.insert(typed_key.end(), key.public_key.begin(), key.public_key.end());
  return key.name + "+" + events::to_hex(key_id(key)) + "+" + to_base64(typed_key);
}

std::expected<VerifierKey, CheckpointError> parse_verifier_key(std::string_view text) {
  const std::size_t first_plus = text.find('+');
  // Base64 may hold plus signs too, so the second one counts from the left.
  const std::size_t second_plus =
      first_plus == std::string_view::npos ? first_plus : text.find('+', first_plus + 1);
  if (second_plus == std::string_view::npos) {
    return std::unexpected(CheckpointError::key_text_is_malformed);
  }
  VerifierKey key{.name = std::string(text.substr(0, first_plus))};
  const std::string_view id = text.substr(first_plus + 1, second_plus - first_plus - 1);
  const std::optional<Bytes> typed_key = from_base64(text.substr(second_plus + 1));
  if (!is_key_name(key.name) || !typed_key || typed_key->size() != 1 + kPublicKeySizeBytes ||
      typed_key->front() != kEd25519) {
    return std::unexpected(CheckpointError::key_text_is_malformed);
  }
  std::copy(typed_key->begin() + 1, typed_key->end(), key.public_key.begin());
  if (id != events::to_hex(key_id(key))) return std::unexpected(CheckpointError::key_id_differs);
  return key;
}

std::expected<std::string, CheckpointError> sign_checkpoint(const Checkpoint& checkpoint,
                                                            const CheckpointSigner& signer) {
  if (!is_origin(checkpoint.origin)) return std::unexpected(CheckpointError::origin_is_invalid);
  const std::string text = checkpoint_text(checkpoint);
  const auto id = key_id(signer.verifier_);
  Bytes id_and_signature(id.begin(), id.end());
  id_and_signature.resize(kKeyIdSizeBytes + crypto_sign_BYTES);
  crypto_sign_detached(id_and_signature.data() + kKeyIdSizeBytes, nullptr,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       signer.secret_key_.data());
  return text + "\n" + std::string(kSignatureStart) + signer.verifier_.name + " " +
         to_base64(id_and_signature) + "\n";
}

std::expected<Checkpoint, CheckpointError> parse_and_verify(std::string_view note,
                                                            const VerifierKey& key,
                                                            std::string_view origin) {
  if (note.size() > kNoteSizeBytesMax) return std::unexpected(CheckpointError::note_is_too_long);
  const bool has_control =
      std::ranges::any_of(note, [](char c) { return is_control(c) && c != '\n'; });
  // The text ends at the last empty line.
  const std::size_t gap = note.rfind("\n\n");
  if (has_control || !is_utf8(note) || !note.ends_with('\n') || gap == std::string_view::npos) {
    return std::unexpected(CheckpointError::note_is_malformed);
  }
  const std::string_view text = note.substr(0, gap + 1);
  const std::string_view signatures = note.substr(gap + 2);
  if (const auto checked = check_signatures(text, signatures, key); !checked) {
    return std::unexpected(checked.error());
  }
  auto checkpoint = parse_text(text);
  if (checkpoint && checkpoint->origin != origin) {
    return std::unexpected(CheckpointError::origin_differs);
  }
  return checkpoint;
}

}  // namespace klasboek::log
