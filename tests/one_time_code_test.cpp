// One-time codes, against the published vectors, and what may be done with one once.
#include "vault/one_time_code.h"

#include <catch2/catch.hpp>

#include "events/ids.h"
#include "tests/support/authenticator.h"
#include "tests/support/vault_place.h"
#include "vault/keyed_hash.h"

namespace klasboek::tests {
namespace {

using vault::bytes_of;
using vault::CodeVerdict;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
constexpr std::int64_t kSecondUs = 1'000'000;
const vault::IdentityId kIdentity{{3, 4}};

TEST_CASE("codes are those of RFC 4226, appendix D, and RFC 6238, appendix B") {
  const auto secret = bytes_of("12345678901234567890");
  const std::vector<std::string> by_counter = {"755224", "287082", "359152", "969429", "338314",
                                               "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < by_counter.size(); ++i) {
    CHECK(vault::hotp(secret, i, 6) == by_counter[i]);
  }
  const std::vector<std::pair<std::int64_t, std::string>> by_time = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : by_time) {
    CHECK(vault::totp(secret, seconds * kSecondUs, 8) == code);
  }
}

TEST_CASE("base32 is that of RFC 4648, section 10, without padding") {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "MY"},
                                                                    {"fo", "MZXQ"},
                                                                    {"foo", "MZXW6"},
                                                                    {"foob", "MZXW6YQ"},
                                                                    {"fooba", "MZXW6YTB"},
                                                                    {"foobar", "MZXW6YTBOI"}};
  for (const auto& [text, encoded] : vectors) CHECK(vault::base32(bytes_of(text)) == encoded);
}

TEST_CASE("a secret counts once its code was shown, and each code once") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto& codes = vault->one_time_codes();
  CHECK(codes.use(kIdentity, "123456", kNowUs) == CodeVerdict::not_set);
  const auto secret = from_base32(*codes.propose(kIdentity));
  CHECK(codes.is_set(kIdentity) == false);
  CHECK(codes.confirm(kIdentity, "not it", kNowUs) == CodeVerdict::wrong);
  const auto first = vault::totp(secret, kNowUs);
  CHECK(codes.confirm(kIdentity, first, kNowUs) == CodeVerdict::right);
  CHECK(codes.is_set(kIdentity) == true);
  CHECK(codes.use(kIdentity, first, kNowUs) == CodeVerdict::wrong);
  const auto later_us = kNowUs + 60 * kSecondUs;
  const auto second = vault::totp(secret, later_us);
  CHECK(codes.use(kIdentity, second, later_us) == CodeVerdict::right);
  CHECK(codes.use(kIdentity, second, later_us) == CodeVerdict::wrong);
  // Neither one from before it.
  CHECK(codes.use(kIdentity, vault::totp(secret, later_us - 30 * kSecondUs), later_us) ==
        CodeVerdict::wrong);
}

TEST_CASE("a code is good half a minute early and late, and no longer") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto& codes = vault->one_time_codes();
  const auto secret = from_base32(*codes.propose(kIdentity));
  REQUIRE(codes.confirm(kIdentity, vault::totp(secret, kNowUs), kNowUs) == CodeVerdict::right);
  const auto then_us = kNowUs + 3600 * kSecondUs;
  for (const std::int64_t away : {-2, 2}) {
    const auto code = vault::totp(secret, then_us + away * 30 * kSecondUs);
    CHECK(codes.use(kIdentity, code, then_us) == CodeVerdict::wrong);
  }
  CHECK(codes.use(kIdentity, vault::totp(secret, then_us - 30 * kSecondUs), then_us) ==
        CodeVerdict::right);
  CHECK(codes.use(kIdentity, vault::totp(secret, then_us + 30 * kSecondUs), then_us) ==
        CodeVerdict::right);
}

TEST_CASE("a proposed secret leaves the old one in force, and no secret is readable on disk") {
  VaultDirectory directory;
  std::string text;
  {
    const auto vault = directory.open();
    auto& codes = vault->one_time_codes();
    text = *codes.propose(kIdentity);
    const auto old_secret = from_base32(text);
    REQUIRE(codes.confirm(kIdentity, vault::totp(old_secret, kNowUs), kNowUs) ==
            CodeVerdict::right);
    REQUIRE(codes.propose(kIdentity).has_value());
    const auto then_us = kNowUs + 3600 * kSecondUs;
    CHECK(codes.use(kIdentity, vault::totp(old_secret, then_us), then_us) == CodeVerdict::right);
  }
  const auto bytes = from_base32(text);
  CHECK_FALSE(holds_text(directory.all_bytes(), text));
  CHECK_FALSE(holds_text(directory.all_bytes(), std::string(bytes.begin(), bytes.end())));
  const auto vault = directory.open();
  REQUIRE(vault->one_time_codes().remove(kIdentity).has_value());
  CHECK(vault->one_time_codes().is_set(kIdentity) == false);
}

}  // namespace
}  // namespace klasboek::tests
