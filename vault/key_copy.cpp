#include "vault/key_copy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <vector>

#include "vault/keyed_hash.h"
#include "vault/master_key.h"

namespace klasboek::vault {

namespace {

constexpr std::string_view kTitle = "klasboek master key copy 1";
constexpr std::string_view kCheckValue = "check value ";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSaltBytes = crypto_pwhash_argon2id_SALTBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kCipherBytes = kKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kBodyBytes = kSaltBytes + kNonceBytes + kCipherBytes;
constexpr std::size_t kLineBytes = 16;
constexpr std::size_t kHeadLines = 3;
/// Of a copy that somebody else made: no more than a machine of a school has.
constexpr std::uint64_t kPassesMax = 20;
constexpr std::uint64_t kMemoryBytesMax = 2ULL << 30U;

std::unexpected<KeyCopyError> error(KeyCopyFault fault, std::string explanation) {
  return std::unexpected(KeyCopyError{fault, std::move(explanation)});
}

std::string head_of(const std::string& check, const KeyCopyCost& cost) {
  return std::string(kTitle) + "\n" + std::string(kCheckValue) + check + "\nargon2id " +
         std::to_string(cost.passes) + " passes " + std::to_string(cost.memory_bytes) + " bytes\n";
}

/// CRC-8 (polynomial 0x07): one digit that is wrong, or two beside each other, always changes it.
std::uint8_t check_byte(std::size_t number, ByteSpan bytes) {
  constexpr unsigned kPolynomial = 0x07;
  unsigned crc = 0;
  const auto take = [&](unsigned byte) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = ((crc << 1U) ^ ((crc & 0x80U) != 0 ? kPolynomial : 0U)) & 0xFFU;
    }
  };
  take(static_cast<unsigned>(number));
  for (const std::uint8_t byte : bytes) take(byte);
  return static_cast<std::uint8_t>(crc);
}

std::string line_of(std::size_t number, ByteSpan bytes) {
  std::string line = (number < 10 ? "0" : "") + std::to_string(number) + " ";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 2 == 0) line += ' ';
    line += events::to_hex(bytes.subspan(i, 1));
  }
  const std::uint8_t check = check_byte(number, bytes);
  return line + "  " + events::to_hex({&check, 1});
}

/// Lines without the spaces around them, and without empty ones.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos) continue;
    lines.push_back(line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1));
  }
  return lines;
}

std::optional<KeyCopyCost> cost_of(const std::string& line) {
  std::istringstream stream(line);
  std::string algorithm;
  std::string passes;
  std::string bytes;
  KeyCopyCost cost;
  stream >> algorithm >> cost.passes >> passes >> cost.memory_bytes >> bytes;
  const bool fits = stream && algorithm == "argon2id" && passes == "passes" && bytes == "bytes" &&
                    cost.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
                    cost.passes <= kPassesMax &&
                    cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
                    cost.memory_bytes <= kMemoryBytesMax;
  return fits ? std::optional(cost) : std::nullopt;
}

/// The bytes that lines with their numbers and check bytes hold.
std::expected<Bytes, KeyCopyError> body_of(const std::vector<std::string>& lines) {
  Bytes body;
  for (std::size_t i = kHeadLines; i < lines.size(); ++i) {
    const std::size_t number = i - kHeadLines + 1;
    const auto mistyped = [&] {
      return error(KeyCopyFault::mistyped, "line " + std::to_string(number) +
                                               " of the copy isn't what was printed; compare it "
                                               "with the paper, digit by digit");
    };
    std::string digits;
    std::istringstream stream(lines[i]);
    std::string first;
    stream >> first;
    for (std::string word; stream >> word;) digits += word;
    Bytes bytes(digits.size() / 2);
    std::size_t size = 0;
    if (sodium_hex2bin(bytes.data(), bytes.size(), digits.data(), digits.size(), nullptr, &size,
                       nullptr) != 0 ||
        size < 2 || digits.size() != 2 * size) {
      return mistyped();
    }
    const ByteSpan held(bytes.data(), size - 1);
    const auto again = line_of(number, held);
    if (first != again.substr(0, 2) ||
        events::to_hex(ByteSpan(bytes).last(1)) != again.substr(again.size() - 2)) {
      return mistyped();
    }
    body.insert(body.end(), held.begin(), held.end());
  }
  if (body.size() != kBodyBytes) {
    return error(KeyCopyFault::not_a_copy, "the copy isn't whole: lines are missing, or too many");
  }
  return body;
}

std::expected<events::KeyBytes, KeyCopyError> key_of(std::string_view passphrase, ByteSpan salt,
                                                     const KeyCopyCost& cost) {
  events::KeyBytes key;
  const int failed = crypto_pwhash(
      key.writable().data(), kKeyBytes, passphrase.data(), passphrase.size(), salt.data(),
      cost.passes, static_cast<std::size_t>(cost.memory_bytes), crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) {
    return error(KeyCopyFault::no_memory,
                 "this machine hasn't the memory that the copy asks for; use a larger one");
  }
  return key;
}

}  // namespace

std::expected<std::string, KeyCopyError> make_key_copy(const MasterKey& master,
                                                       std::string_view passphrase,
                                                       const Random& random,
                                                       const KeyCopyCost& cost) {
  const auto characters = std::ranges::count_if(
      passphrase, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  if (static_cast<std::size_t>(characters) < kPassphraseCharactersMin) {
    return error(KeyCopyFault::passphrase_too_short, "the passphrase must have " +
                                                         std::to_string(kPassphraseCharactersMin) +
                                                         " characters or more; take several words");
  }
  const auto head = head_of(check_value(master), cost);
  Bytes body(kBodyBytes);
  random(std::span(body).first(kSaltBytes + kNonceBytes));
  const ByteSpan salt = ByteSpan(body).first(kSaltBytes);
  const ByteSpan nonce = ByteSpan(body).subspan(kSaltBytes, kNonceBytes);
  const auto key = key_of(passphrase, salt, cost);
  if (!key) return std::unexpected(key.error());
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      &body[kSaltBytes + kNonceBytes], nullptr, master.bytes.span().data(), kKeyBytes,
      bytes_of(head).data(), head.size(), nullptr, nonce.data(), key->span().data());
  std::string copy = head;
  std::size_t number = 0;
  for (ByteSpan rest(body); !rest.empty();) {
    const auto size = std::min(kLineBytes, rest.size());
    copy += line_of(++number, rest.first(size)) + "\n";
    rest = rest.subspan(size);
  }
  return copy;
}

std::expected<MasterKey, KeyCopyError> open_key_copy(std::string_view copy,
                                                     std::string_view passphrase) {
  const auto lines = lines_of(copy);
  const auto cost = lines.size() > kHeadLines ? cost_of(lines[2]) : std::nullopt;
  if (!cost || lines[0] != kTitle || !lines[1].starts_with(kCheckValue)) {
    return error(KeyCopyFault::not_a_copy,
                 "this is no copy of a master key as `klasboek key export` makes it");
  }
  const auto body = body_of(lines);
  if (!body) return std::unexpected(body.error());
  const auto head = head_of(lines[1].substr(kCheckValue.size()), *cost);
  const ByteSpan bytes(*body);
  const auto key = key_of(passphrase, bytes.first(kSaltBytes), *cost);
  if (!key) return std::unexpected(key.error());
  MasterKey master;
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      master.bytes.writable().data(), nullptr, nullptr, &bytes[kSaltBytes + kNonceBytes],
      kCipherBytes, bytes_of(head).data(), head.size(), &bytes[kSaltBytes], key->span().data());
  if (refused != 0) {
    return error(KeyCopyFault::wrong_passphrase,
                 "the passphrase doesn't open this copy; try again, and mind capitals and spaces");
  }
  return master;
}

}  // namespace klasboek::vault
