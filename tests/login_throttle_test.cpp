// Guessing is held up, and nobody is locked out by it.
#include "api/login_throttle.h"

#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using api::LoginThrottle;
using vault::IdentityId;

constexpr auto kOwner = numbered<IdentityId>(1);
constexpr std::int64_t kStart = 1'000'000'000'000'000;
constexpr std::int64_t kSecondUs = 1'000'000;

std::string address(int n) {
  return "198.51." + std::to_string(n / 250) + "." + std::to_string(n % 250 + 1);
}

TEST_CASE("from one address a password is guessed five times, then once a minute") {
  LoginThrottle throttle;
  for (int i = 0; i < 5; ++i) CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
  const auto wait = throttle.begin(kOwner, "192.0.2.1", kStart);
  REQUIRE(wait.has_value());
  CHECK(*wait == 60);
  CHECK(throttle.begin(kOwner, "192.0.2.1", kStart + *wait * kSecondUs - 1));
  CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart + *wait * kSecondUs));
}

TEST_CASE("guesses from a thousand addresses don't keep the owner out, wherever he is") {
  LoginThrottle throttle;
  CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
  throttle.succeeded(kOwner, "192.0.2.1", kStart);
  int looked_at = 0;
  for (int n = 0; n < 1'000; ++n) {
    for (int i = 0; i < 10; ++i) {
      if (!throttle.begin(kOwner, address(n), kStart + kSecondUs)) ++looked_at;
    }
  }
  // Fifty, and then one for each address.
  CHECK(looked_at < 1'100);
  // At home, where he logged in before; and at an address where nobody tried.
  CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart + kSecondUs));
  CHECK_FALSE(throttle.begin(kOwner, "203.0.113.9", kStart + kSecondUs));
}

TEST_CASE("guesses at many people from one address don't keep out who logs in there") {
  LoginThrottle throttle;
  CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
  throttle.succeeded(kOwner, "192.0.2.1", kStart);
  int looked_at = 0;
  for (std::uint64_t n = 100; n < 1'100; ++n) {
    if (!throttle.begin(numbered<IdentityId>(n), "192.0.2.1", kStart)) ++looked_at;
  }
  CHECK(looked_at == 50);
  CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
  // And from another address anybody.
  CHECK_FALSE(throttle.begin(numbered<IdentityId>(100), "192.0.2.2", kStart));
}

TEST_CASE("who mistypes and then knows it starts anew") {
  LoginThrottle throttle;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 4; ++i) CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
    CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
    throttle.succeeded(kOwner, "192.0.2.1", kStart);
  }
}

TEST_CASE("what wasn't looked at doesn't count") {
  LoginThrottle throttle;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(throttle.begin(kOwner, "192.0.2.1", kStart));
    throttle.withdrawn(kOwner, "192.0.2.1");
  }
}

TEST_CASE("an IPv6 address counts as its network") {
  CHECK(api::network_of("2001:db8:1:2::1") == api::network_of("2001:db8:1:2:ffff::9"));
  CHECK(api::network_of("2001:db8:1:2::1") != api::network_of("2001:db8:1:3::1"));
  CHECK(api::network_of("192.0.2.1") == "192.0.2.1");
}

TEST_CASE(
    "over the API a guesser is told when to try again, alike for whoever there is and isn't") {
  ApiSchool school;
  for (const auto* email : {"mother@example.org", "niemand@example.org"}) {
    CAPTURE(email);
    const auto guess = [&] {
      return school.send("POST", "/v1/sessions", "",
                         json{{"email", email}, {"password", "een zin als wachtwoord"}}.dump());
    };
    for (int i = 0; i < 5; ++i) CHECK(guess().status == 401);
    const auto refused = guess();
    CHECK(refused.status == 429);
    CHECK(refused.header("Retry-After") == "60");
  }
}

}  // namespace
}  // namespace klasboek::tests
