#include "vault/sessions.h"

#include <catch2/catch.hpp>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using vault::SessionFault;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
const vault::IdentityId kIdentity{{3, 4}};

}  // namespace

TEST_CASE("a session token says who logged in and when, also after a restart") {
  VaultDirectory directory;
  std::string token;
  {
    const auto vault = directory.open();
    token = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
  }
  const auto vault = directory.open();
  const auto session = vault->sessions().read(token, kNowUs + 1);
  REQUIRE(session.has_value());
  CHECK(session->identity == kIdentity);
  CHECK(session->issued_at_us == kNowUs);
  CHECK(token.starts_with("kbs_"));
  CHECK(token != vault->sessions().issue(kIdentity, kNowUs, seeded_random(2)));
}

TEST_CASE("a token says whether a one-time code was given") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto with_code = [&](const std::string& token) {
    return vault->sessions().read(token, kNowUs).value().with_code;
  };
  CHECK_FALSE(with_code(vault->sessions().issue(kIdentity, kNowUs, seeded_random(1))));
  CHECK(with_code(vault->sessions().issue(kIdentity, kNowUs, seeded_random(1), true)));
}

TEST_CASE("a token with any bit of any character changed is none") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const std::string token = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    std::string touched = token;
    touched[bit / 8] = static_cast<char>(touched[bit / 8] ^ (1 << (bit % 8)));
    const auto session = vault->sessions().read(touched, kNowUs);
    REQUIRE_FALSE(session.has_value());
    CHECK(session.error() == SessionFault::not_a_token);
  }
}

TEST_CASE("a token cut short, made longer or of another make is none") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const std::string token = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
  const auto is_token = [&](const std::string& text) {
    return vault->sessions().read(text, kNowUs).has_value();
  };
  REQUIRE(is_token(token));
  for (std::size_t length = 0; length < token.size(); ++length) {
    CHECK_FALSE(is_token(token.substr(0, length)));
  }
  CHECK_FALSE(is_token(token + "A"));
  CHECK_FALSE(is_token(token + "="));
  CHECK_FALSE(is_token(" " + token));
  CHECK_FALSE(is_token(token.substr(4)));
  CHECK_FALSE(is_token(std::string(100'000, 'A')));
  VaultDirectory other;
  const auto other_vault = vault::Vault::open(
      {.directory = other.path(), .master = master_key(), .random = seeded_random(99)});
  REQUIRE(other_vault.has_value());
  CHECK_FALSE((*other_vault)->sessions().read(token, kNowUs).has_value());
}

TEST_CASE("a session ends thirty days after it began, to the microsecond") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const std::string token = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
  const std::int64_t end_us = kNowUs + vault::kSessionLifetimeUs;
  CHECK(vault->sessions().read(token, end_us - 1).has_value());
  CHECK(vault->sessions().read(token, end_us).error() == SessionFault::expired);
  CHECK(vault->sessions().read(token, kNowUs - vault::kSessionClockSkewUs).has_value());
  CHECK(vault->sessions().read(token, kNowUs - vault::kSessionClockSkewUs - 1).error() ==
        SessionFault::not_a_token);
}

TEST_CASE("who logs out is out, with that token only, also after a restart") {
  VaultDirectory directory;
  std::string denied;
  std::string other;
  {
    const auto vault = directory.open();
    denied = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
    other = vault->sessions().issue(kIdentity, kNowUs, seeded_random(2));
    REQUIRE(vault->sessions().deny(*vault->sessions().read(denied, kNowUs)).has_value());
    CHECK(vault->sessions().read(denied, kNowUs).error() == SessionFault::denied);
    CHECK(vault->sessions().read(other, kNowUs).has_value());
  }
  const auto vault = directory.open();
  CHECK(vault->sessions().read(denied, kNowUs).error() == SessionFault::denied);
  CHECK(vault->sessions().read(other, kNowUs).has_value());
}

TEST_CASE("a denied session is forgotten once it is over anyway, not before") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const std::string token = vault->sessions().issue(kIdentity, kNowUs, seeded_random(1));
  REQUIRE(vault->sessions().deny(*vault->sessions().read(token, kNowUs)).has_value());
  const std::int64_t end_us = kNowUs + vault::kSessionLifetimeUs;
  REQUIRE(vault->sessions().forget_expired(end_us - 1).has_value());
  CHECK(vault->sessions().read(token, end_us - 1).error() == SessionFault::denied);
  REQUIRE(vault->sessions().forget_expired(end_us).has_value());
  CHECK(vault->sessions().read(token, end_us).error() == SessionFault::expired);
  // Gone from the list too: at an earlier moment it would be taken again.
  CHECK(vault->sessions().read(token, kNowUs).has_value());
}

}  // namespace klasboek::tests
