#include "vault/key_copy.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <sstream>

#include "tests/support/vault_place.h"
#include "vault/master_key.h"

namespace klasboek::tests {
namespace {

using vault::KeyCopyFault;

const std::string kPassphrase = "vier blauwe fietsen";
/// The least that the library takes, so that a test doesn't wait for it.
constexpr vault::KeyCopyCost kCheap{.passes = 1, .memory_bytes = 8192};

std::string a_copy() {
  return vault::make_key_copy(master_key(), kPassphrase, seeded_random(1), kCheap).value();
}

KeyCopyFault fault_of(const std::string& copy, const std::string& passphrase = kPassphrase) {
  const auto opened = vault::open_key_copy(copy, passphrase);
  REQUIRE_FALSE(opened.has_value());
  CHECK_FALSE(opened.error().explanation.empty());
  return opened.error().fault;
}

TEST_CASE("a copy gives the master key back, to whoever knows the passphrase") {
  const auto copy = a_copy();
  const auto opened = vault::open_key_copy(copy, kPassphrase);
  REQUIRE(opened.has_value());
  CHECK(opened->bytes == master_key().bytes);
  CHECK(fault_of(copy, "vier blauwe fiets") == KeyCopyFault::wrong_passphrase);
  CHECK(fault_of(copy, "") == KeyCopyFault::wrong_passphrase);
}

TEST_CASE("a copy says of which key it is, and holds neither key nor passphrase") {
  const auto copy = a_copy();
  CHECK(copy.contains("check value " + vault::check_value(master_key())));
  CHECK_FALSE(holds_text(copy, std::string(4, '\1')));
  CHECK_FALSE(holds_text(copy, "blauwe"));
  CHECK(vault::make_key_copy(master_key(), kPassphrase, seeded_random(2), kCheap).value() != copy);
}

TEST_CASE("a copy is printed in short lines, and typed in again with other spaces and line ends") {
  const auto copy = a_copy();
  std::istringstream lines(copy);
  std::string typed;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.size() <= 60);
    typed += "\n  ";
    for (const char c : line) typed += c == ' ' ? std::string("  ") : std::string(1, c);
    typed += " \r\n";
  }
  // The first three lines are words, and stand as they were.
  const auto body = typed.find("01  ");
  REQUIRE(body != std::string::npos);
  const auto again = copy.substr(0, copy.find("01  ")) + typed.substr(body);
  CHECK(vault::open_key_copy(again, kPassphrase).has_value());
}

TEST_CASE("a digit that was typed wrong is told by its line") {
  const auto copy = a_copy();
  for (std::size_t at = copy.find("\n01 ") + 1; at < copy.size(); ++at) {
    if (std::isxdigit(static_cast<unsigned char>(copy[at])) == 0) continue;
    auto mistyped = copy;
    mistyped[at] = copy[at] == '7' ? '8' : '7';
    CAPTURE(at);
    const auto opened = vault::open_key_copy(mistyped, kPassphrase);
    REQUIRE_FALSE(opened.has_value());
    REQUIRE(opened.error().fault == KeyCopyFault::mistyped);
    const auto line =
        std::count(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(at), '\n') - 2;
    REQUIRE(opened.error().explanation.contains("line " + std::to_string(line)));
  }
}

TEST_CASE("what isn't whole or isn't a copy is said to be none") {
  const auto copy = a_copy();
  CHECK(fault_of("") == KeyCopyFault::not_a_copy);
  CHECK(fault_of("klasboek master key copy 2" + copy.substr(copy.find('\n'))) ==
        KeyCopyFault::not_a_copy);
  CHECK(fault_of(copy.substr(0, copy.rfind("\n0"))) == KeyCopyFault::not_a_copy);
  // Costs that would stop this machine are not taken from a text.
  auto dear = copy;
  dear.replace(dear.find("8192"), 4, "81920000000000");
  CHECK(fault_of(dear) == KeyCopyFault::not_a_copy);
}

TEST_CASE("what a copy says of itself can't be changed") {
  auto other = a_copy();
  const auto at = other.find("check value ") + 12;
  other[at] = other[at] == '0' ? '1' : '0';
  CHECK(fault_of(other) == KeyCopyFault::wrong_passphrase);
}

TEST_CASE("a passphrase that won't hold for years is refused") {
  for (const char* passphrase : {"", "elf tekens.", "ééééééééééé"}) {
    const auto copy = vault::make_key_copy(master_key(), passphrase, seeded_random(1), kCheap);
    REQUIRE_FALSE(copy.has_value());
    CHECK(copy.error().fault == KeyCopyFault::passphrase_too_short);
  }
}

}  // namespace
}  // namespace klasboek::tests
