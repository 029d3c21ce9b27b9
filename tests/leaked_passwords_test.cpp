// Each password of the list is one that would be taken if it weren't in it: the others are too
// short anyway.
#include "vault/leaked_passwords.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <string>

#include "vault/password.h"

namespace klasboek::tests {
namespace {

TEST_CASE("every password of the list is refused as leaked, in whatever case") {
  for (const auto password : vault::leaked_passwords()) {
    CAPTURE(password);
    CHECK(vault::check_new_password(password) == vault::PasswordFault::leaked);
    std::string shouted(password);
    std::ranges::transform(shouted, shouted.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    CHECK(vault::is_leaked(shouted));
  }
  CHECK(vault::leaked_passwords().size() > 150);
}

TEST_CASE("a password of one's own isn't in the list") {
  for (const auto* own : {"vier groene fietsen", "welkom op onze school", "wachtwoord?nee", ""}) {
    CAPTURE(own);
    CHECK_FALSE(vault::is_leaked(own));
  }
}

}  // namespace
}  // namespace klasboek::tests
