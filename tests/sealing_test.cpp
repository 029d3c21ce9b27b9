#include "events/sealing.h"

#include <catch2/catch.hpp>

namespace klasboek::events {
namespace {

constexpr std::array<std::uint8_t, 32> kKeyBytes = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::uint8_t, 24> kNonce = {9, 8, 7};
const KeyId kKey{{1, 2}};
const SchoolId kSchool{{3, 4}};
constexpr CommandId kCommand = {5, 6, 7};
constexpr std::string_view kText = "Fenna is bij oma";

Sealed sealed_text() { return seal(kKeyBytes, kKey, {kSchool, kCommand, 1}, kNonce, kText); }

TEST_CASE("a sealed text opens with its key at its place") {
  const Sealed sealed = sealed_text();
  CHECK(sealed.key == kKey);
  CHECK(sealed.slot == 1);
  CHECK(sealed.nonce == std::vector<std::uint8_t>(kNonce.begin(), kNonce.end()));
  CHECK(unseal(kKeyBytes, kSchool, kCommand, sealed) == kText);
}

TEST_CASE("the layout of sealed text is fixed: these bytes open in every version") {
  CHECK(to_hex(sealed_text().ciphertext) ==
        "19ba9b22188c5970d3c31112f00cf065c8ff140849b40b93db83eb1990d98eb0");
}

TEST_CASE("the empty text is a text, and no text is not") {
  const Sealed empty = seal(kKeyBytes, kKey, {kSchool, kCommand, 1}, kNonce, "");
  CHECK_FALSE(is_absent(empty));
  CHECK(unseal(kKeyBytes, kSchool, kCommand, empty) == "");
  CHECK(is_absent(Sealed{}));
  CHECK(unseal(kKeyBytes, kSchool, kCommand, Sealed{}) == std::nullopt);
}

TEST_CASE("one flipped bit anywhere in ciphertext, tag or nonce, and it stays shut") {
  const Sealed whole = sealed_text();
  for (std::size_t bit = 0; bit < whole.ciphertext.size() * 8; ++bit) {
    Sealed touched = whole;
    touched.ciphertext[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK(unseal(kKeyBytes, kSchool, kCommand, touched) == std::nullopt);
  }
  for (std::size_t bit = 0; bit < whole.nonce.size() * 8; ++bit) {
    Sealed touched = whole;
    touched.nonce[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK(unseal(kKeyBytes, kSchool, kCommand, touched) == std::nullopt);
  }
}

TEST_CASE("cut short or made longer, it stays shut") {
  for (std::size_t length = 0; length < sealed_text().ciphertext.size(); ++length) {
    Sealed cut = sealed_text();
    cut.ciphertext.resize(length);
    CHECK(unseal(kKeyBytes, kSchool, kCommand, cut) == std::nullopt);
  }
  Sealed longer = sealed_text();
  longer.ciphertext.push_back(0);
  CHECK(unseal(kKeyBytes, kSchool, kCommand, longer) == std::nullopt);
  for (const std::size_t length : {0U, 23U, 25U}) {
    Sealed other_nonce = sealed_text();
    other_nonce.nonce.resize(length);
    CHECK(unseal(kKeyBytes, kSchool, kCommand, other_nonce) == std::nullopt);
  }
}

TEST_CASE("moved to another school, key id, command or slot, it stays shut") {
  const Sealed sealed = sealed_text();
  CHECK(unseal(kKeyBytes, SchoolId{{3, 5}}, kCommand, sealed) == std::nullopt);
  CHECK(unseal(kKeyBytes, kSchool, CommandId{5, 6, 8}, sealed) == std::nullopt);
  Sealed other_slot = sealed;
  other_slot.slot = 2;
  CHECK(unseal(kKeyBytes, kSchool, kCommand, other_slot) == std::nullopt);
  Sealed other_key = sealed;
  other_key.key = KeyId{{1, 3}};
  CHECK(unseal(kKeyBytes, kSchool, kCommand, other_key) == std::nullopt);
  auto other_bytes = kKeyBytes;
  other_bytes[31] ^= 1;
  CHECK(unseal(other_bytes, kSchool, kCommand, sealed) == std::nullopt);
}

}  // namespace
}  // namespace klasboek::events
