#include "events/log/checkpoint.h"

#include <sodium.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/support/naive_tree.h"

namespace klasboek::tests {
namespace {

using log::Checkpoint;
using log::CheckpointError;
using log::CheckpointSigner;
using log::VerifierKey;

constexpr std::string_view kOrigin = "klasboek.example/scholen/de-linde";

using Seed = std::array<std::uint8_t, log::kSigningSeedSizeBytes>;

CheckpointSigner signer_named(const std::string& name, std::uint8_t first_byte = 1) {
  return CheckpointSigner::from_seed(name, Seed{first_byte}).value();
}

Checkpoint some_checkpoint() { return {std::string(kOrigin), 4711, numbered_leaves(1).front()}; }

/// Signs any text at all, as another program with the key of signer_named(name) could.
std::string note_of(const std::string& text, const std::string& name) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), Seed{1}.data());
  const auto id = log::key_id({name, public_key});
  std::array<unsigned char, 4 + crypto_sign_BYTES> bytes{};
  std::ranges::copy(id, bytes.begin());
  crypto_sign_detached(bytes.data() + 4, nullptr,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       secret_key.data());
  std::array<char, sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL)>
      base64{};
  sodium_bin2base64(base64.data(), base64.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return text + "\n— " + name + " " + base64.data() + "\n";
}

CheckpointError refusal(std::string_view note, const VerifierKey& key,
                        std::string_view origin = kOrigin) {
  const auto parsed = log::parse_and_verify(note, key, origin);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

/// The Go project's checksum database: its published key, and a checkpoint that it signed.
constexpr std::string_view kGoKey =
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
constexpr std::string_view kGoCheckpoint =
    "go.sum database tree\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— sum.golang.org "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
    "\n";

TEST_CASE("a checkpoint that Go's checksum database signed verifies with its published key") {
  const auto key = log::parse_verifier_key(kGoKey);
  REQUIRE(key.has_value());
  CHECK(key->name == "sum.golang.org");
  CHECK(events::to_hex(log::key_id(*key)) == "033de0ae");
  const auto checkpoint = log::parse_and_verify(kGoCheckpoint, *key, "go.sum database tree");
  REQUIRE(checkpoint.has_value());
  CHECK(checkpoint->size == 20852163);
  CHECK(events::to_hex(checkpoint->root) ==
        "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
  CHECK(log::encode_verifier_key(*key) == kGoKey);
}

TEST_CASE("a key derived from the seed of RFC 8032's first test has the public key given there") {
  const Seed seed = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                     0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                     0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
  const CheckpointSigner signer = CheckpointSigner::from_seed("school.example", seed).value();
  CHECK(events::to_hex(signer.verifier().public_key) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST_CASE("a signed checkpoint is three lines, an empty one and the signature") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  Checkpoint checkpoint{std::string(kOrigin), 3, {}};
  const std::string note = log::sign_checkpoint(checkpoint, signer).value();
  const std::string start = std::string(kOrigin) + "\n3\n" + std::string(43, 'A') + "=\n\n— " +
                            std::string(kOrigin) + " ";
  CHECK(note.starts_with(start));
  CHECK(note.size() == start.size() + 92 + 1);  // 4 + 64 bytes in base64, newline
  CHECK(note.ends_with('\n'));
}

TEST_CASE("what was signed is read back as it was") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{9}, log::kTreeSizeMax}) {
    Checkpoint checkpoint = some_checkpoint();
    checkpoint.size = size;
    const std::string note = log::sign_checkpoint(checkpoint, signer).value();
    const auto read = log::parse_and_verify(note, signer.verifier(), kOrigin);
    REQUIRE(read.has_value());
    CHECK(*read == checkpoint);
  }
}

TEST_CASE("signing the same checkpoint twice gives the same bytes") {
  const CheckpointSigner signer = signer_named("klasboek.example");
  CHECK(log::sign_checkpoint(some_checkpoint(), signer) ==
        log::sign_checkpoint(some_checkpoint(), signer));
}

TEST_CASE("a signer that was moved signs as before") {
  CheckpointSigner signer = signer_named("klasboek.example");
  const auto note = log::sign_checkpoint(some_checkpoint(), signer);
  CheckpointSigner moved = std::move(signer);
  CHECK(log::sign_checkpoint(some_checkpoint(), moved) == note);
  CheckpointSigner assigned = signer_named("klasboek.example/other", 2);
  assigned = std::move(moved);
  CHECK(log::sign_checkpoint(some_checkpoint(), assigned) == note);
}

TEST_CASE("a checkpoint in which any one bit was altered is refused") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const std::string note = log::sign_checkpoint(some_checkpoint(), signer).value();
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string altered = note;
      altered[i] = static_cast<char>(static_cast<unsigned char>(altered[i]) ^ (1U << bit));
      CAPTURE(i, bit);
      REQUIRE_FALSE(log::parse_and_verify(altered, signer.verifier(), kOrigin).has_value());
    }
  }
}

TEST_CASE("a checkpoint that was cut off anywhere is refused") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const std::string note = log::sign_checkpoint(some_checkpoint(), signer).value();
  for (std::size_t length = 0; length < note.size(); ++length) {
    CAPTURE(length);
    REQUIRE_FALSE(log::parse_and_verify(note.substr(0, length), signer.verifier(), kOrigin));
  }
}

TEST_CASE("noise is refused and harms nothing") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const std::string note = log::sign_checkpoint(some_checkpoint(), signer).value();
  for (int n = 0; n < 20'000; ++n) {
    std::string noise = note;
    for (int changes = 0; changes < 3; ++changes) {
      const std::size_t at = random() % noise.size();
      switch (random() % 3) {
        case 0:
          noise[at] = static_cast<char>(random());
          break;
        case 1:
          noise.erase(at, random() % 9);
          break;
        default:
          noise.insert(at, noise.substr(random() % noise.size(), random() % 9));
          break;
      }
      if (noise.empty()) noise = "\n";
    }
    const auto parsed = log::parse_and_verify(noise, signer.verifier(), kOrigin);
    if (parsed) REQUIRE(*parsed == some_checkpoint());
    const auto key = log::parse_verifier_key(noise);
    REQUIRE_FALSE(key.has_value());
  }
}

TEST_CASE("the reason why a note is refused has a name") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const VerifierKey& key = signer.verifier();
  const std::string note = log::sign_checkpoint(some_checkpoint(), signer).value();
  const std::string text = note.substr(0, note.find("\n\n") + 1);
  const std::string signature = note.substr(text.size() + 1);

  SECTION("not a note") {
    CHECK(refusal("", key) == CheckpointError::note_is_malformed);
    CHECK(refusal("\n", key) == CheckpointError::note_is_malformed);
    CHECK(refusal(text, key) == CheckpointError::note_is_malformed);
    CHECK(refusal(text + signature, key) == CheckpointError::note_is_malformed);
    CHECK(refusal(note.substr(0, note.size() - 1), key) == CheckpointError::note_is_malformed);
    CHECK(refusal(note + "more\n", key) == CheckpointError::note_is_malformed);
    CHECK(refusal(text + "\n— name-without-signature\n", key) ==
          CheckpointError::note_is_malformed);
    CHECK(refusal(text + "\n— short AAAA\n", key) == CheckpointError::note_is_malformed);
    CHECK(refusal(text + "\n—  AAAAAAAA\n", key) == CheckpointError::note_is_malformed);
  }
  SECTION("control characters and broken UTF-8") {
    for (const std::string bad : {"\r", "\t", "\x01", "\x80", "\xc0\xaf", "\xc3", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xe0\x80\x80", "\xff"}) {
      const std::string witness = "— witness" + bad;
      CHECK(refusal(note + witness + " AAAAAAAAAAAA\n", key) == CheckpointError::note_is_malformed);
    }
    CHECK(refusal(std::string("a\0b\n\n", 5) + signature, key) ==
          CheckpointError::note_is_malformed);
  }
  SECTION("no signature") {
    CHECK(refusal(text + "\n", key) == CheckpointError::signature_is_missing);
    CHECK(refusal(note, signer_named("klasboek.example/other").verifier()) ==
          CheckpointError::signature_is_missing);
    CHECK(refusal(note, signer_named(std::string(kOrigin), 2).verifier()) ==
          CheckpointError::signature_is_missing);
  }
  SECTION("a signature of another text") {
    Checkpoint larger = some_checkpoint();
    larger.size += 1;
    const std::string other = log::sign_checkpoint(larger, signer).value();
    const std::string other_signature = other.substr(other.find("\n\n") + 2);
    CHECK(refusal(text + "\n" + other_signature, key) == CheckpointError::signature_is_wrong);
    // One that holds doesn't make up for it.
    CHECK(refusal(note + other_signature, key) == CheckpointError::signature_is_wrong);
    CHECK(refusal(text + "\n" + other_signature + signature, key) ==
          CheckpointError::signature_is_wrong);
  }
  SECTION("another log") {
    CHECK(refusal(note, key, "klasboek.example/scholen/de-linde/2") ==
          CheckpointError::origin_differs);
  }
  SECTION("too long") {
    CHECK(refusal(std::string(log::kNoteSizeBytesMax + 1, '\n'), key) ==
          CheckpointError::note_is_too_long);
  }
}

TEST_CASE("signatures of witnesses beside ours are ignored, up to sixteen and in any order") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const std::string note = log::sign_checkpoint(some_checkpoint(), signer).value();
  const std::size_t gap = note.find("\n\n") + 2;
  std::string witnesses;
  for (int n = 0; n < 15; ++n) {
    witnesses += "— getuige-é.example/" + std::to_string(n) + " " + std::string(6'600, 'A') + "\n";
  }
  CHECK(log::parse_and_verify(note + witnesses, signer.verifier(), kOrigin) == some_checkpoint());
  CHECK(log::parse_and_verify(note.substr(0, gap) + witnesses + note.substr(gap), signer.verifier(),
                              kOrigin) == some_checkpoint());
}

TEST_CASE("text that our key signed but that is no checkpoint of ours is refused") {
  const CheckpointSigner signer = signer_named(std::string(kOrigin));
  const std::string root = std::string(43, 'A') + "=";
  const std::string origin(kOrigin);
  const auto refused = [&](const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text.append(line).append("\n");
    CAPTURE(text);
    return refusal(note_of(text, origin), signer.verifier());
  };
  REQUIRE(log::parse_and_verify(note_of(origin + "\n7\n" + root + "\n", origin), signer.verifier(),
                                kOrigin));
  CHECK(refused({origin, "7"}) == CheckpointError::checkpoint_is_malformed);
  CHECK(refused({"", "7", root}) == CheckpointError::checkpoint_is_malformed);
  for (const std::string size : {"07", "", "-7", "+7", "7 ", "18446744073709551616"}) {
    CAPTURE(size);
    CHECK(refused({origin, size, root}) == CheckpointError::checkpoint_is_malformed);
  }
  const std::string with_bits_that_mean_nothing = std::string(42, 'A') + "B=";
  for (const std::string& wrong : {std::string(), root.substr(0, 43), with_bits_that_mean_nothing,
                                   std::string(44, 'A'), std::string(24, 'A')}) {
    CAPTURE(wrong);
    CHECK(refused({origin, "7", wrong}) == CheckpointError::checkpoint_is_malformed);
  }
  CHECK(refused({origin, "7", root, "extension"}) == CheckpointError::checkpoint_has_extensions);
  CHECK(refused({origin, "7", root, ""}) == CheckpointError::checkpoint_has_extensions);
}

TEST_CASE("an origin that would break the note can't be signed") {
  const CheckpointSigner signer = signer_named("klasboek.example");
  for (const std::string origin : {"", "two\nlines", "tab\t", "\xff"}) {
    Checkpoint checkpoint = some_checkpoint();
    checkpoint.origin = origin;
    const auto note = log::sign_checkpoint(checkpoint, signer);
    REQUIRE_FALSE(note.has_value());
    CHECK(note.error() == CheckpointError::origin_is_invalid);
  }
}

TEST_CASE("a key's name has no spaces, plus signs or letters outside ASCII") {
  const Seed seed = {};
  for (const std::string name : {"", "two words", "a+b", "line\n", "caf\xc3\xa9", "\x7f"}) {
    const auto signer = CheckpointSigner::from_seed(name, seed);
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error() == CheckpointError::key_name_is_invalid);
  }
}

TEST_CASE("a verifier key is read back as it was written") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int n = 0; n < 200; ++n) {
    VerifierKey key{.name = "klasboek.example/" + std::to_string(n)};
    for (std::uint8_t& byte : key.public_key) byte = static_cast<std::uint8_t>(random());
    const auto read = log::parse_verifier_key(log::encode_verifier_key(key));
    REQUIRE(read.has_value());
    REQUIRE(*read == key);
  }
}

TEST_CASE("a verifier key that was mistyped or cut off is refused") {
  const std::string key(kGoKey);
  for (std::size_t length = 0; length < key.size(); ++length) {
    CAPTURE(length);
    REQUIRE_FALSE(log::parse_verifier_key(key.substr(0, length)).has_value());
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string mistyped = key;
    mistyped[i] = mistyped[i] == 'b' ? 'c' : 'b';
    CAPTURE(mistyped);
    REQUIRE_FALSE(log::parse_verifier_key(mistyped).has_value());
  }
  CHECK(log::parse_verifier_key("tum" + key.substr(3)).error() == CheckpointError::key_id_differs);
  // Type 0x02 is ECDSA.
  CHECK(log::parse_verifier_key("sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8"
                                "OuAn8")
            .error() == CheckpointError::key_text_is_malformed);
}

}  // namespace
}  // namespace klasboek::tests
