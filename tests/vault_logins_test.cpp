#include "vault/logins.h"

#include <catch2/catch.hpp>
#include <future>
#include <latch>
#include <thread>

#include "tests/support/authenticator.h"
#include "tests/support/vault_place.h"
#include "vault/email.h"

namespace klasboek::tests {
namespace {

using vault::LoginFault;
using vault::Membership;
using vault::PasswordFault;
using vault::VaultFault;

constexpr std::string_view kEmail = "fenna@voorbeeld.example";
constexpr std::string_view kPassword = "vier blauwe fietsen";
constexpr std::string_view kOtherPassword = "drie groene bruggen";
constexpr events::CommandId kCommand = {1};
constexpr events::CommandId kOtherCommand = {2};
const Membership kHere{{{1, 1}}, {{5, 1}}};
const Membership kThere{{{1, 2}}, {{5, 2}}};

vault::IdentityId accept_invitation(vault::Vault& vault,
                                    const events::CommandId& command = kCommand,
                                    const Membership& membership = kHere) {
  REQUIRE(vault.logins().prepare_password(command, kEmail, membership, kPassword).has_value());
  const auto identity = vault.logins().set_password_by_invitation(command, membership);
  REQUIRE(identity.has_value());
  return *identity;
}

void set_up_code(vault::Vault& vault, vault::IdentityId identity) {
  constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
  const auto secret = vault.one_time_codes().propose(identity);
  REQUIRE(secret.has_value());
  REQUIRE(vault.one_time_codes().confirm(identity, code_shown(*secret, kNowUs), kNowUs) ==
          vault::CodeVerdict::right);
}

}  // namespace

TEST_CASE("one address is one identity, however it is typed") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto identity = vault->logins().identity_of(kEmail);
  REQUIRE(identity.has_value());
  CHECK(vault->logins().identity_of("  Fenna@Voorbeeld.Example\r\n") == identity);
  CHECK(vault->logins().identity_of("fenna+school@voorbeeld.example") != identity);
  CHECK(vault->logins().identity_of("f.enna@voorbeeld.example") != identity);
  CHECK(vault->logins().identity_of("email") == std::nullopt);
}

TEST_CASE("an identity says nothing outside its installation: another pepper, another identity") {
  VaultDirectory one;
  VaultDirectory other;
  const auto here = vault::Vault::open(
      {.directory = one.path(), .master = master_key(), .random = seeded_random(1)});
  const auto there = vault::Vault::open(
      {.directory = other.path(), .master = master_key(), .random = seeded_random(2)});
  REQUIRE(here.has_value());
  REQUIRE(there.has_value());
  CHECK((*here)->logins().identity_of(kEmail) != (*there)->logins().identity_of(kEmail));
}

TEST_CASE("what is no e-mail address is refused") {
  for (const char* bad :
       {"", " ", "email", "@", "fenna@", "@voorbeeld.example", "fenna@voorbeeld", "a@b@c.example",
        "fen na@voorbeeld.example", "fenna@voorbeeld..example", "fenna@.example", "fenna@example.",
        "Fenna <fenna@voorbeeld.example>", "a,b@voorbeeld.example", "fenna@voor\tbeeld.example",
        "\"fenna\"@voorbeeld.example"}) {
    CAPTURE(bad);
    CHECK(vault::normalise_email(bad) == std::nullopt);
  }
  CHECK(vault::normalise_email(std::string(65, 'a') + "@voorbeeld.example") == std::nullopt);
  CHECK(vault::normalise_email("a@" + std::string(250, 'b') + ".example") == std::nullopt);
  CHECK(vault::normalise_email(std::string_view("a\0@voorbeeld.example", 20)) == std::nullopt);
  CHECK(vault::normalise_email(" A.B+c'd@Sub.Voorbeeld.EXAMPLE ") ==
        "a.b+c'd@sub.voorbeeld.example");
  CHECK(vault::normalise_email("jörg@voorbeeld.example") == "jörg@voorbeeld.example");
}

TEST_CASE("a password is 10 to 128 characters of text") {
  const auto check = [](const std::string& password) {
    return vault::check_new_password(password);
  };
  CHECK(check(std::string(9, 'a')) == PasswordFault::too_short);
  CHECK(check(std::string(10, 'a')) == PasswordFault::none);
  CHECK(check("welkom2026") == PasswordFault::leaked);
  CHECK(check("Password123") == PasswordFault::leaked);
  CHECK(check("password123 of niet") == PasswordFault::none);
  CHECK(check(std::string(128, 'a')) == PasswordFault::none);
  CHECK(check(std::string(129, 'a')) == PasswordFault::too_long);
  CHECK(check(std::string(1'000'000, 'a')) == PasswordFault::too_long);
  std::string bridges;
  for (int i = 0; i < 9; ++i) bridges += "\xF0\x9F\x8C\x89";
  CHECK(check(bridges) == PasswordFault::too_short);  // 36 bytes, 9 characters
  CHECK(check(bridges + "\xC3\xA9") == PasswordFault::none);
  for (const char* not_text : {"\xC3", "\xC3\x28", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                               "\xF4\x90\x80\x80", "\xFF", "\x80", "\t", "\x7F", "\xE2\x82"}) {
    CAPTURE(not_text);
    CHECK(check("long enough " + std::string(not_text)) == PasswordFault::not_text);
  }
}

TEST_CASE(
    "a guardian accepts an invitation with a password and logs in with it, after a restart too") {
  VaultDirectory directory;
  {
    const auto vault = directory.open();
    const auto prepared = vault->logins().prepare_password(kCommand, kEmail, kHere, kPassword);
    REQUIRE(prepared.has_value());
    // The command isn't in the log yet.
    CHECK(vault->logins().check_password(kEmail, kPassword).error() == LoginFault::wrong_password);
    CHECK(vault->logins().memberships_of(*prepared)->empty());
  }
  const auto vault = directory.open();
  const auto identity = vault->logins().set_password_by_invitation(kCommand, kHere);
  REQUIRE(identity.has_value());
  CHECK(vault->logins().check_password(" Fenna@voorbeeld.example", kPassword) == *identity);
  CHECK(vault->logins().check_password(kEmail, "vier blauwe fietseN").error() ==
        LoginFault::wrong_password);
  CHECK(vault->logins().check_password(kEmail, "").error() == LoginFault::wrong_password);
  CHECK(vault->logins().memberships_of(*identity) == std::vector{kHere});
  CHECK(vault->logins().identity_of(kHere).value() == *identity);
}

TEST_CASE("setting a password by an invitation again does nothing, without preparation it fails") {
  VaultDirectory directory;
  const auto vault = directory.open();
  CHECK(vault->logins().set_password_by_invitation(kCommand, kHere).error() ==
        LoginFault::not_prepared);
  const auto identity = accept_invitation(*vault);
  REQUIRE(vault->logins().change_password(identity, kPassword, kOtherPassword).has_value());
  CHECK(vault->logins().set_password_by_invitation(kCommand, kHere) == identity);
  CHECK(vault->logins().check_password(kEmail, kOtherPassword) == identity);
}

TEST_CASE("a preparation counts only for its own command and account") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->logins().prepare_password(kCommand, kEmail, kHere, kPassword).has_value());
  CHECK(vault->logins().set_password_by_invitation(kOtherCommand, kHere).error() ==
        LoginFault::not_prepared);
  CHECK(vault->logins().set_password_by_invitation(kCommand, kThere).error() ==
        LoginFault::not_prepared);
  // Repeated alike it is the same; otherwise it is another request under the same key.
  CHECK(vault->logins().prepare_password(kCommand, kEmail, kHere, kPassword).has_value());
  CHECK(vault->logins().prepare_password(kCommand, kEmail, kHere, kOtherPassword).error() ==
        LoginFault::prepared_otherwise);
  CHECK(vault->logins().prepare_password(kCommand, kEmail, kThere, kPassword).error() ==
        LoginFault::prepared_otherwise);
  CHECK(
      vault->logins().prepare_password(kCommand, "x@voorbeeld.example", kHere, kPassword).error() ==
      LoginFault::prepared_otherwise);
  REQUIRE(vault->logins().forget_preparation(kCommand).has_value());
  CHECK(vault->logins().set_password_by_invitation(kCommand, kHere).error() ==
        LoginFault::not_prepared);
}

TEST_CASE("of two who used one invitation, the one whose command was accepted has the log-in") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->logins().prepare_password(kCommand, kEmail, kHere, kPassword).has_value());
  REQUIRE(
      vault->logins().prepare_password(kOtherCommand, kEmail, kHere, kOtherPassword).has_value());
  REQUIRE(vault->logins().set_password_by_invitation(kOtherCommand, kHere).has_value());
  REQUIRE(vault->logins().forget_preparation(kCommand).has_value());
  CHECK(vault->logins().check_password(kEmail, kPassword).error() == LoginFault::wrong_password);
  CHECK(vault->logins().check_password(kEmail, kOtherPassword).has_value());
}

TEST_CASE("a bad address or password is refused by name before anything is kept") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto fault = [&](std::string_view email, std::string_view password) {
    return vault->logins().prepare_password(kCommand, email, kHere, password).error();
  };
  CHECK(fault("email", kPassword) == LoginFault::not_an_email);
  CHECK(fault(kEmail, "kort") == LoginFault::password_too_short);
  CHECK(fault(kEmail, std::string(129, 'a')) == LoginFault::password_too_long);
  CHECK(fault(kEmail, "niet \xFF leesbaar") == LoginFault::password_not_text);
  CHECK(vault->logins().set_password_by_invitation(kCommand, kHere).error() ==
        LoginFault::not_prepared);
  const auto identity = accept_invitation(*vault);
  CHECK(vault->logins().change_password(identity, kPassword, "kort").error() ==
        LoginFault::password_too_short);
}

TEST_CASE("a parent of children in two schools has one log-in: the second school asks for it") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto identity = accept_invitation(*vault);
  CHECK(vault->logins().has_password(identity) == true);
  CHECK(vault->logins().prepare_password(kOtherCommand, kEmail, kThere, kOtherPassword).error() ==
        LoginFault::wrong_password);
  CHECK(accept_invitation(*vault, kOtherCommand, kThere) == identity);
  CHECK(vault->logins().memberships_of(identity) == std::vector{kHere, kThere});
}

TEST_CASE("two invitations accepted at once with two passwords: the first one set stays") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->logins().prepare_password(kCommand, kEmail, kHere, kPassword).has_value());
  REQUIRE(
      vault->logins().prepare_password(kOtherCommand, kEmail, kThere, kOtherPassword).has_value());
  const auto identity = vault->logins().set_password_by_invitation(kCommand, kHere);
  REQUIRE(vault->logins().set_password_by_invitation(kOtherCommand, kThere) == identity);
  CHECK(vault->logins().check_password(kEmail, kPassword) == identity);
  CHECK(vault->logins().check_password(kEmail, kOtherPassword).error() ==
        LoginFault::wrong_password);
  CHECK(vault->logins().memberships_of(*identity)->size() == 2);
}

TEST_CASE("a password is changed by the old one, and only by that") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto identity = accept_invitation(*vault);
  CHECK(vault->logins().change_password(identity, kOtherPassword, kOtherPassword).error() ==
        LoginFault::wrong_password);
  REQUIRE(vault->logins().change_password(identity, kPassword, kOtherPassword).has_value());
  CHECK(vault->logins().check_password(kEmail, kOtherPassword) == identity);
  CHECK(vault->logins().check_password(kEmail, kPassword).error() == LoginFault::wrong_password);
  CHECK(vault->logins().change_password(vault::IdentityId{{9, 9}}, "", kPassword).error() ==
        LoginFault::wrong_password);
}

TEST_CASE("an unknown address costs the same hash as a wrong password") {
  VaultDirectory directory;
  const auto vault = directory.open();
  accept_invitation(*vault);
  const auto hashes_for = [&](std::string_view email, std::string_view password) {
    const auto before = vault->hashing().computed();
    CHECK(vault->logins().check_password(email, password).error() == LoginFault::wrong_password);
    return vault->hashing().computed() - before;
  };
  CHECK(hashes_for(kEmail, "verkeerd wachtwoord") == 1);
  CHECK(hashes_for("niemand@voorbeeld.example", "verkeerd wachtwoord") == 1);
  CHECK(hashes_for("geen adres", "verkeerd wachtwoord") == 1);
  CHECK(hashes_for("", "") == 1);
}

TEST_CASE("who leaves one school keeps the log-in for the other; who leaves the last has none") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto identity = accept_invitation(*vault);
  accept_invitation(*vault, kOtherCommand, kThere);
  set_up_code(*vault, identity);
  REQUIRE(vault->logins().leave(kHere).has_value());
  CHECK(vault->logins().memberships_of(identity) == std::vector{kThere});
  CHECK(vault->logins().check_password(kEmail, kPassword) == identity);
  CHECK(vault->one_time_codes().is_set(identity) == true);
  REQUIRE(vault->logins().leave(kThere).has_value());
  CHECK(vault->logins().memberships_of(identity)->empty());
  CHECK(vault->one_time_codes().is_set(identity) == false);
  CHECK(vault->logins().has_password(identity) == false);
  CHECK(vault->logins().check_password(kEmail, kPassword).error() == LoginFault::wrong_password);
  REQUIRE(vault->logins().leave(kThere).has_value());  // again does no harm
}

TEST_CASE("an account belongs to one identity: joined to another it has left the first") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto first = *vault->logins().identity_of(kEmail);
  const auto second = *vault->logins().identity_of("anders@voorbeeld.example");
  REQUIRE(vault->logins().join(first, kHere).has_value());
  REQUIRE(vault->logins().join(second, kHere).has_value());
  CHECK(vault->logins().memberships_of(first)->empty());
  CHECK(vault->logins().memberships_of(second) == std::vector{kHere});
}

TEST_CASE("a hash of an older, cheaper cost still opens the door and is made anew") {
  vault::PasswordHashing hashing(seeded_random(1));
  // Argon2id of "vier blauwe fietsen" with one pass over 64 KiB and a salt of sixteen 5s.
  std::string bytes("\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x40", 17);
  bytes += std::string(16, '\x05');
  std::array<std::uint8_t, 32> cheap{};
  REQUIRE(crypto_pwhash(cheap.data(), cheap.size(), kPassword.data(), kPassword.size(),
                        reinterpret_cast<const std::uint8_t*>(bytes.data()) + 17, 1, 64 * 1024,
                        crypto_pwhash_ALG_ARGON2ID13) == 0);
  bytes.append(reinterpret_cast<const char*>(cheap.data()), cheap.size());
  const vault::ByteSpan hash(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  using Verdict = vault::PasswordHashing::Verdict;
  CHECK(hashing.verify(kPassword, hash) == Verdict::right_but_cheap);
  CHECK(hashing.verify(kOtherPassword, hash) == Verdict::wrong);
  CHECK(hashing.verify(kPassword, hash.first(hash.size() - 1)) == Verdict::wrong);
  const auto dearer = hashing.hash(kPassword);
  REQUIRE(dearer.has_value());
  CHECK(hashing.verify(kPassword, dearer->span()) == Verdict::right);
}

TEST_CASE("more log-ins at once than can wait are told so, and those that wait get their turn") {
  // Whoever has a turn draws a salt, and the salts hold until the gate opens.
  std::latch all_turns_taken(vault::PasswordHashing::kAtOnceMax);
  std::latch gate(1);
  vault::PasswordHashing hashing([&](std::span<std::uint8_t> bytes) {
    if (!gate.try_wait()) {
      all_turns_taken.count_down();
      gate.wait();
    }
    std::ranges::fill(bytes, std::uint8_t{5});
  });
  std::atomic<int> hashed{0};
  std::promise<void> refused;
  const auto call = [&] {
    if (hashing.hash(kPassword)) {
      ++hashed;
    } else {
      refused.set_value();
    }
  };
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < vault::PasswordHashing::kAtOnceMax; ++i) callers.emplace_back(call);
    all_turns_taken.wait();
    for (int i = 0; i < vault::PasswordHashing::kWaitingMax + 1; ++i) callers.emplace_back(call);
    refused.get_future().wait();
    CHECK(hashing.computed() == 0);
    gate.count_down();
  }
  CHECK(hashed == vault::PasswordHashing::kAtOnceMax + vault::PasswordHashing::kWaitingMax);
  CHECK(hashing.hash(kPassword).has_value());
}

}  // namespace klasboek::tests
